// Evaluated behind Mermaid's own script: `readDiagram(text)` leaves what Mermaid read in `reading`, as JSON.
//
// Its parser (made by Jison) knows the place of each rule that it reduces and keeps none, so the place is written on each
// statement here. Places are lines and columns of the text that the parser sees, `parsed`.
globalThis.mermaid = globalThis.__esbuild_esm_mermaid_nm.mermaid.default;
mermaid.initialize({ startOnLoad: false });
globalThis.reading = null;

(() => {
  let seen = {};
  const place = (statement, at) => {
    if (Array.isArray(statement)) statement.forEach((each) => place(each, at));
    else if (statement && typeof statement === "object" && !("line" in statement)) statement.line = at;
  };
  const watch = (parser) => {
    const { performAction, parse, lexer } = parser;
    parser.performAction = function (text, length, line, yy, rule, values, locations, ...more) {
      const done = performAction.call(this, text, length, line, yy, rule, values, locations, ...more);
      const value = this.$;
      if (Array.isArray(value)) {
        // A frame's beginning stands where its rule begins; its end, and `else` and its like, behind a rule that has places.
        const [first, last] = [value[0], value[value.length - 1]];
        if (/End$/.test(last?.type)) place(last, this._$.last_line);
        if (/Start$/.test(first?.type)) place(first, this._$.first_line);
        for (const each of value)
          if (["option", "and", "else"].includes(each?.type)) place(each, locations[locations.length - 3].first_line);
      }
      place(value, this._$.first_line);
      return done;
    };
    const lexed = lexer.performAction;
    lexer.performAction = function (yy, lexer, ...more) {
      const { first_line } = lexer.yylloc;
      const text = lexer.yytext;
      const token = lexed.call(this, yy, lexer, ...more);
      if (token !== undefined) seen.token = first_line;
      if ((token === undefined && /^[#%]/.test(text)) || text === ";") {
        const before = lexer.matched.slice(0, -text.length).split("\n").pop();
        const [after] = lexer._input.split("\n", 1);
        seen.breaks.push({ line: first_line, before, text, after });
      }
      return token;
    };
    parser.parse = function (text) {
      // Mermaid's model takes the statements one by one; the one that it refuses is the last that it took.
      const apply = this.yy.apply;
      if (apply)
        this.yy.apply = (statement) => {
          if (!Array.isArray(statement)) seen.last = statement;
          return apply(statement);
        };
      const tree = parse.call(this, text);
      if (Array.isArray(tree)) seen.statements = tree.flat(Infinity).filter((each) => typeof each === "object");
      return tree;
    };
  };
  // QuickJS looks for `^(?:...)` at each place of the text that is left, and there are a hundred such rules for each token. A
  // sticky expression, which means the same here, looks at the first place alone.
  const quicken = (parser) => {
    const { rules } = parser?.lexer ?? {};
    if (!rules || parser.isQuick) return;
    rules.forEach((rule, number) => {
      if (!(rule instanceof RegExp && rule.source.startsWith("^(?:") && !rule.multiline)) return;
      const sticky = new RegExp(rule.source, `${rule.flags}y`);
      const match = (text) => {
        sticky.lastIndex = 0;
        return sticky.exec(text);
      };
      rules[number] = { [Symbol.match]: match };
    });
    const { parse } = parser;
    parser.parse = function (text) {
      seen.parsed = text;
      return parse.call(this, text);
    };
    parser.isQuick = true;
  };
  const finish = (fields) => {
    globalThis.reading = JSON.stringify({ ...seen, ...fields });
  };
  const fail = (error) => {
    const at = (error?.hash && seen.token) ?? error?.hash?.loc?.first_line ?? error?.result?.parserErrors?.[0]?.token?.startLine ?? seen.last?.line;
    finish({ error: String(error?.message ?? error), line: at });
  };
  const read = (text) => {
    seen = { breaks: [] };
    globalThis.reading = null;
    try {
      mermaid.mermaidAPI.getDiagramFromText(text).then((diagram) => {
        const { db, type } = diagram;
        quicken(diagram.parser.parser);
        if (type !== "sequence") return finish({ type });
        const actors = [...db.getActors()].map(([name, { description, type }]) => ({ name, alias: description, type }));
        finish({ type, actors, messages: db.getMessages(), linetypes: db.LINETYPE });
      }, fail);
    } catch (error) {
      fail(error);
    }
  };
  globalThis.readDiagram = read;
  const { getDiagramFromText } = mermaid.mermaidAPI;
  getDiagramFromText("flowchart LR").then((diagram) => quicken(diagram.parser.parser));
  getDiagramFromText("sequenceDiagram").then((diagram) => {
    quicken(diagram.parser.parser);
    watch(diagram.parser.parser);
  });
})();
