// @tus/server with its file store, over TLS on a free port of the loopback.
// Arguments: FOLDER CERTIFICATE KEY ("relative" | "absolute")
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'

const [folder, certificate, key, location] = process.argv.slice(2)
const tus = new Server({
  path: '/files',
  datastore: new FileStore({ directory: folder }),
  ...(location === 'absolute'
    ? { generateUrl: (request, { host, path, id }) => `https://${host}${path}/${id}` }
    : { relativeLocation: true }),
})
const web = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, answer) =>
  tus.handle(request, answer),
)
web.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ event: 'ready', port: web.address().port })))
