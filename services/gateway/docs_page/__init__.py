"""The API's documentation as one page."""

from services.gateway.docs_page.page import DOCS_POLICY, docs_page

__all__ = ["DOCS_POLICY", "docs_page"]
