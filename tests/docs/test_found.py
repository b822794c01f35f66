"""Words that readers search for stand in the text of the page that answers them."""

import pytest

from tests.pages.scanner import ROOT

WORDS = {
    "features/delete-a-user.md": ("GDPR", "erase", "delete", "user"),
    "features/gateway-and-bots.md": ("WebSocketGateway", "TelegramBot", "bot.yaml", "Bot"),
    "troubleshooting.md": ("bot_telegram_7", "achat", "forgets"),
}


@pytest.mark.pages
@pytest.mark.parametrize(("page", "words"), WORDS.items(), ids=list(WORDS))
def test_page_is_found_by_its_words(page: str, words: tuple[str, ...]) -> None:
    """The search reads what stands below the frontmatter, and these words are there."""
    _, _, text = (ROOT / "docs" / page).read_text("utf-8").split("---\n", 2)
    assert [word for word in words if word not in text] == []
