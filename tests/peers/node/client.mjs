// tus-js-client sends one file. Arguments: a JSON object
//   {endpoint, file, token, metadata, parallel, chunk, stopAfter, uploadUrl}
// One JSON line on stdout: {url} when it is there, {url, stopped} after `stopAfter` bytes, {error, status} else.
import { createReadStream, statSync } from 'node:fs'
import { Upload } from 'tus-js-client'

const wish = JSON.parse(process.argv[2])
const say = (what) => {
  console.log(JSON.stringify(what))
  process.exit(0)
}
const upload = new Upload(createReadStream(wish.file), {
  endpoint: wish.endpoint,
  uploadUrl: wish.uploadUrl ?? null,
  ...((wish.parallel ?? 1) === 1 ? { uploadSize: statSync(wish.file).size } : {}),
  headers: { Authorization: `Bearer ${wish.token}` },
  metadata: wish.metadata,
  metadataForPartialUploads: {},
  parallelUploads: wish.parallel ?? 1,
  chunkSize: wish.chunk ?? 1 << 20,
  retryDelays: [200, 400],
  storeFingerprintForResuming: false,
  uploadDataDuringCreation: wish.during ?? false,
  onError: (error) => say({ error: error.message, status: error.originalResponse?.getStatus() ?? 0 }),
  onSuccess: () => say({ url: upload.url }),
  onChunkComplete: (_size, accepted) => {
    if (wish.stopAfter && accepted >= wish.stopAfter) {
      upload.abort().then(() => say({ url: upload.url, stopped: accepted }))
    }
  },
})
upload.start()
