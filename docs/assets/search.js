// Search as people type: words that say nothing are not searched for, and where nothing is found the nearest pages are offered.
(() => {
  const SILENT = new Set(
    `a an and any are as at be by can could did do does for from get has have how i in into is it its me my no of on or our should so
    that the their them then there these they this to was we were what when where who why will with would you your`.split(/\s+/),
  );
  const QUERY = 2;
  const words = (text) => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const telling = (text) => {
    const asked = text.split(/\s+/);
    const kept = asked.filter((word) => !SILENT.has(word.toLowerCase()));
    return text.includes('"') || !kept.length ? text : kept.join(" ");
  };
  // The theme asks a worker, and says to it in a number what a message is.
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...more) {
    const isQuery = message?.type === QUERY && typeof message.data === "string";
    return post.call(this, isQuery ? { ...message, data: telling(message.data) } : message, ...more);
  };

  const pairs = (word) => [...word].slice(1).map((letter, place) => word[place] + letter);
  // How alike two words are, from 0 to 1, by the pairs of letters that both have.
  const alike = (one, other) => {
    const [mine, theirs] = [pairs(one), pairs(other)];
    return (2 * mine.filter((pair) => theirs.includes(pair)).length) / (mine.length + theirs.length || 1);
  };
  let pages;
  const known = async () => {
    const { base } = JSON.parse(document.getElementById("__config").textContent);
    const { docs } = await (await fetch(`${base}/search/search_index.json`)).json();
    const whole = docs.filter(({ location }) => !location.includes("#"));
    return whole.map(({ location, title, tags = [] }) => ({ href: `${base}/${location}`, title, words: [...tags, title].flatMap(words) }));
  };
  const nearest = async (text) => {
    pages ??= known();
    const asked = words(telling(text));
    const near = ({ words: theirs }) => asked.reduce((sum, word) => sum + Math.max(0, ...theirs.map((each) => alike(word, each))), 0);
    const found = (await pages).map((page) => ({ ...page, near: near(page) })).sort((one, other) => other.near - one.near);
    return found.filter(({ near }, place) => place < 3 && near > 0.3 * asked.length);
  };
  const offer = async () => {
    const [result, field] = [".md-search-result", ".md-search__input"].map((name) => document.querySelector(name));
    const text = field.value.trim();
    result.querySelector(".search-nearest")?.remove();
    const isEmpty = () => text.length > 2 && field.value.trim() === text && !result.querySelector(".md-search-result__list > *");
    // An answer may be on its way.
    await new Promise((done) => setTimeout(done, 300));
    const found = isEmpty() ? await nearest(text) : [];
    if (!found.length || !isEmpty()) return;
    const list = document.createElement("nav");
    list.className = "search-nearest";
    list.ariaLabel = "Nearest pages";
    list.append("Did you mean:", ...found.map(({ href, title }) => Object.assign(document.createElement("a"), { href, textContent: title })));
    result.querySelector(".md-search-result__meta").after(list);
  };
  document.addEventListener("DOMContentLoaded", () => {
    // From file:// a page may fetch nothing.
    if (location.protocol !== "file:") document.querySelector(".md-search__input")?.addEventListener("input", offer);
  });
})();
