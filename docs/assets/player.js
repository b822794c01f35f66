// Steps through a diagram as a test saw it happen: who asked whom, what came back, what the file held then, and what was done under
// the lock. The steps stand below the diagram as JSON (docs/plugins/executable_pages/recording.py); without this script the diagram stands alone.
(() => {
  const NONE = "–";
  const element = (tag, options = {}, ...children) => {
    const { attributes, ...plain } = options;
    const made = Object.assign(document.createElement(tag), plain);
    for (const [name, value] of Object.entries(attributes ?? {})) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const written = (value) => (Array.isArray(value) ? `[${value.map((each) => JSON.stringify(each)).join(", ")}]` : JSON.stringify(value));
  const files = (held) => Object.entries(held).map(([file, said]) => `${file}: ${written(said)}`).join("\n") || "no file yet";

  const build = (place) => {
    const { title, participants, runs } = JSON.parse(place.querySelector("script").textContent);
    const name = Object.fromEntries(participants.map(({ id, label }) => [id, label]));
    const all = runs.flatMap((run) => run.steps);
    const hasLock = all.some(({ trace }) => trace?.some((event) => event.startsWith("FileLock")));
    // Nobody looks into a bucket or a database.
    const silent = ["lock", "model", all.some(({ held }) => held) ? "" : "file"];
    const own = participants.find(({ kind }) => kind === "lock");
    const rows = [...participants.filter(({ kind }) => !silent.includes(kind))];
    if (hasLock) rows.push(own ?? { id: "", label: "Lock", kind: "lock" });
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    let run = runs[0];
    let count = 0;
    let timer = 0;

    // What can be seen after the first `steps`, by the label of its row.
    const stateAfter = (steps) => {
      const told = {};
      let [held, lock, did] = [undefined, "free", ""];
      for (const step of steps) {
        held = step.held ?? held;
        if (step.kind === "reply") told[step.target] = step;
        const who = name[step.source];
        for (const event of step.trace ?? []) {
          if (event === "FileLock acquire") lock = `held by ${who}`;
          if (event === "FileLock release") lock = "free";
          if (event === "FileLock timeout") lock = `held by someone else than ${who}`;
        }
        did = step.trace?.length ? `\n${who}: ${step.trace.join(" → ")}` : "";
      }
      return Object.fromEntries(
        rows.map(({ id, label, kind }) => {
          if (kind === "lock") return [label, [lock + did, false]];
          if (kind === "file") return [label, [held ? files(held) : NONE, false]];
          return [label, [told[id]?.answer ?? NONE, Boolean(told[id]?.why)]];
        }),
      );
    };
    const sentence = ({ source, target, text, kind, answer, why }) => {
      const wrong = why ? (kind === "reply" ? `; the page says ${text}` : `; ${why}`) : "";
      if (answer?.startsWith("raises ")) return `The call of ${name[target]} ${answer}${wrong}`;
      if (kind === "reply") return `${name[target]} is answered ${answer}${wrong}`;
      return `${name[source]}${kind === "step" ? "" : ` asks ${name[target]}`}: ${text}${wrong}`;
    };

    const said = element("p", { className: "player__said", attributes: { "aria-live": "polite" } });
    const lanes = element("dl", { className: "player__lanes" });
    const list = element("ol");
    const summary = element("summary");
    const [back, step, play] = ["Back", "Step", "Play"].map((textContent) => element("button", { type: "button", textContent }));

    const draw = () => {
      const last = run.steps[count - 1];
      const [before, state] = [count - 1, count].map((end) => stateAfter(run.steps.slice(0, Math.max(end, 0))));
      const isNew = ({ id, label, kind }) => {
        if (!last) return false;
        if (kind === "file") return state[label][0] !== before[label][0];
        return kind === "lock" ? Boolean(last.trace) : last.kind === "reply" && last.target === id;
      };
      lanes.replaceChildren(
        ...rows.flatMap((row) => {
          const [textContent, isWrong] = state[row.label];
          const className = [isWrong && "player__wrong", isNew(row) && "player__new"].filter(Boolean).join(" ");
          return [element("dt", { textContent: row.label }), element("dd", { textContent, className })];
        }),
      );
      [...list.children].forEach((item, index) => {
        item.classList.toggle("player__done", index < count);
        if (index === count - 1) item.setAttribute("aria-current", "step");
        else item.removeAttribute("aria-current");
      });
      said.textContent = last ? `${count} of ${run.steps.length}. ${sentence(last)}` : "Nothing has happened yet.";
      said.classList.toggle("player__wrong", Boolean(last?.why));
      // A button that is disabled would lose the keyboard's focus.
      back.setAttribute("aria-disabled", !count);
      step.setAttribute("aria-disabled", count === run.steps.length);
    };
    const stop = () => {
      clearInterval(timer);
      timer = 0;
      play.textContent = "Play";
    };
    const go = (by) => {
      count = Math.min(Math.max(count + by, 0), run.steps.length);
      if (count === run.steps.length) stop();
      draw();
    };
    const choose = (chosen) => {
      run = chosen;
      count = 0;
      stop();
      summary.textContent = `The ${run.steps.length} steps as a list`;
      list.replaceChildren(
        ...run.steps.map((each) => element("li", { textContent: sentence(each), className: each.why ? "player__wrong" : "" })),
      );
      draw();
    };

    back.addEventListener("click", () => (stop(), go(-1)));
    step.addEventListener("click", () => (stop(), go(1)));
    play.addEventListener("click", () => {
      if (timer) return stop();
      if (count === run.steps.length) count = 0;
      play.textContent = "Pause";
      timer = setInterval(() => go(1), still.matches ? 3000 : 1500);
      go(1);
    });
    place.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by || event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input")) return;
      event.preventDefault();
      stop();
      go(by);
    });

    place.setAttribute("role", "group");
    place.setAttribute("aria-label", `${title}, step by step`);
    place.append(element("p", { className: "player__title", textContent: "Step through what happened when this was tested" }));
    if (runs.length > 1) {
      const group = `player-${[...document.querySelectorAll(".player")].indexOf(place)}`;
      const modes = runs.map((each, index) =>
        element(
          "label",
          {},
          element("input", { type: "radio", name: group, checked: !index, onchange: () => choose(each) }),
          element("span", { textContent: each.name }),
        ),
      );
      const legend = element("legend", { textContent: "Run" });
      place.append(element("fieldset", { className: "player__runs" }, legend, ...modes));
    }
    const controls = element("div", { className: "player__controls" }, back, step, play);
    place.append(controls, said, lanes, element("details", {}, summary, list));
    choose(run);
    place.hidden = false;
  };

  const start = () => {
    for (const place of document.querySelectorAll(".player:not([data-ready], [data-own])")) {
      place.dataset.ready = "";
      build(place);
    }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
