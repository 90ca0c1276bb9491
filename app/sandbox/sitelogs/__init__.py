"""Made-up logs of a contact-center site: rotating segments of several applications, from a seed.

Nothing in it is of a real person or site: addresses are those of RFC 5737 and 3849, numbers those set aside
for
fiction, domains those of RFC 2606. Every personal value is known, with its place.
"""

from app.sandbox.sitelogs.pieces import Line, Personal, Stays
from app.sandbox.sitelogs.site import Site
from app.sandbox.sitelogs.writer import SiteWriter, Truth

__all__ = ["Line", "Personal", "Site", "SiteWriter", "Stays", "Truth"]
