"""The hooks of MkDocs: each page is read by the reader, and shown from its tree.

With the variable `REQUIRE_EVIDENCE` set, a block without passing evidence fails the build.
"""

import os
from pathlib import Path
from xml.etree.ElementTree import Element

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from docs.reports import plain
from docs.reports.measured import Measured
from executable_pages import conventions, drawings, evidence, mermaid, reader, recording
from executable_pages.extension import PageExtension
from executable_pages.html import Renderer
from executable_pages.marks import Marker, spoken
from executable_pages.tree import Document, Fence, Node, PageError


class Site:
    """One build of the site: what was measured, and which blocks are unproven."""

    def __init__(self) -> None:
        self.extension = PageExtension()
        self.measured = Measured(Path())
        self.unproven: list[str] = []
        self.undrawn: list[str] = []
        self.files = Files([])
        self.texts: dict[str, str] = {}

    def begin(self, root: Path) -> None:
        """Read anew what was measured."""
        self.measured = Measured(root)
        self.texts.clear()
        self.unproven.clear()
        self.undrawn.clear()

    def show(self, document: Document, path: str, docs: Path) -> None:
        """Have a page shown, at its path below `docs`, the directory of all pages."""
        measured = self.measured
        marker = Marker(measured.evidence, document.name, is_current=measured.is_current)
        own = {id(node) for node in document.walk()}

        def mark(node: Node) -> Element | None:
            # What is measured is shown by the page and not stated by it.
            found = marker.mark(node) if id(node) in own else None
            if found is None:
                return None
            where = f"{document.name}:{node.place.line}"
            if found.state != "verified":
                self.unproven.append(f"{where}: {found.text}; {'; '.join(found.details)}")
            return found.shown(node.place.line)

        def drawing(node: Fence, title: str) -> str:
            found = drawings.load(docs, node.digest)
            if found is None:
                self.undrawn.append(f"{document.name}:{node.place.line}")
            return found.shown(title) if found else ""

        def player(node: Fence, title: str) -> str:
            found = measured.recording(document.name, node.digest)
            return recording.script(found, title) if found else ""

        def prepare(renderer: Renderer) -> None:
            renderer.drawing = drawing
            renderer.player = player
            renderer.section = str(document.meta.get("title", ""))
            renderer.path = path
            renderer.measured = measured.nodes
            renderer.mark = mark

        self.extension.show(document, prepare)


_site = Site()


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Have pages shown from their trees, with Mermaid's script from this machine."""
    mermaid.put_script(Path(config.docs_dir))
    config.markdown_extensions.append(_site.extension)
    conventions.configure(config)
    return config


def on_pre_build(config: MkDocsConfig) -> None:
    """Read the evidence anew for each build."""
    _site.begin(_root(config))
    conventions.footer(config, _site.measured.evidence)


def on_files(files: Files, *, config: MkDocsConfig) -> None:
    """Know the pages, to publish them as Markdown too."""
    _site.files = files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Read a page. Its text is handed on to nobody, so that nobody can read it otherwise."""
    path = Path(config.docs_dir) / page.file.src_uri
    try:
        document = reader.read(path, page.file.content_bytes)
    except PageError as error:
        raise PluginError(str(error)) from None
    page.meta = document.meta
    _site.texts[page.file.src_uri] = plain.whole(document, page.file.content_string, _site.measured)
    conventions.describe(page)
    _site.show(document, page.file.src_uri, Path(config.docs_dir))
    return page.file.src_uri


def on_page_content(html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let a wide table scroll from the first moment."""
    return conventions.wrapped(html)


def on_serve(server: LiveReloadServer, *, config: MkDocsConfig, builder: object) -> None:
    """Say where the site is, and show new marks when a test run ends while it is served."""
    found = _site.measured.evidence
    proof = f"proof of {spoken(found.day)}" if found.day else "nothing proven in this checkout"
    print(f"pages     {len(_site.files.documentation_pages())}")
    print(f"evidence  {proof}; {len(_site.unproven)} blocks without it (make test proves them)")
    print(f"address   {config.site_url}")
    print("stop      Ctrl-C", flush=True)
    path = evidence.file(_root(config))
    if path.exists():
        server.watch(str(path))


def on_post_build(config: MkDocsConfig) -> None:
    """Publish what stands beside the pages; fail a build that has to be proven and is not."""
    conventions.publish(config, _site.files, _site.texts)
    if not _site.undrawn:
        (Path(config.site_dir) / mermaid.SCRIPT).unlink(missing_ok=True)
    if os.environ.get("REQUIRE_EVIDENCE") and _site.unproven:
        raise PluginError("blocks without passing evidence:\n" + "\n".join(_site.unproven))


def _root(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path).parent
