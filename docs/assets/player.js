// Steps through a sequence diagram as a test saw it happen: who asked whom, what the file held then, who had the lock, and what
// came back. The steps stand beside the diagram as JSON; without this script the diagram stands alone.
(() => {
  const element = (tag, options = {}, ...children) => {
    const { data, ...plain } = options;
    const made = Object.assign(document.createElement(tag), plain);
    for (const [name, value] of Object.entries(data ?? {})) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  // What can be seen after the first `count` steps: each participant's last answer, the file and the lock.
  const stateAfter = (run, count) => {
    const state = { file: null, held: "", told: {} };
    for (const step of run.steps.slice(0, count)) {
      state.file = step.file;
      state.held = step.lock ? step.from : "";
      if (step.reply) state.told[step.to] = { text: step.answer, right: step.right };
    }
    return state;
  };

  const build = (place) => {
    const { title, participants, runs } = JSON.parse(place.querySelector("script").textContent);
    const name = Object.fromEntries(participants.map(({ id, label }) => [id, label]));
    let run = runs[0];
    let count = 0;
    let timer = 0;

    const said = element("p", { className: "player__said", data: { "aria-live": "polite" } });
    const lanes = element("dl", { className: "player__lanes" });
    const list = element("ol", { className: "player__steps" });
    const back = element("button", { type: "button", textContent: "Back" });
    const step = element("button", { type: "button", textContent: "Step" });
    const play = element("button", { type: "button", textContent: "Play" });
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

    const sentence = ({ from, to, text, reply, answer, right }) =>
      reply
        ? `${name[to]} is answered ${answer}${right ? "" : `; the diagram says ${text}`}`
        : from === to
          ? `${name[from]}: ${text}`
          : `${name[from]} asks ${name[to]}: ${text}`;

    const draw = () => {
      const state = stateAfter(run, count);
      const rows = participants.map(({ id, label, kind }) => {
        let value = state.told[id]?.text ?? "–";
        if (kind === "file") value = state.file ? JSON.stringify(state.file) : "no file yet";
        const lane = element("dd", { textContent: value });
        if (state.told[id]?.right === false) lane.className = "player__wrong";
        return [element("dt", { textContent: label }), lane];
      });
      rows.push([
        element("dt", { textContent: "Lock" }),
        element("dd", { textContent: state.held ? `was held by ${name[state.held]}` : "free" }),
      ]);
      lanes.replaceChildren(...rows.flat());
      [...list.children].forEach((item, index) => {
        item.classList.toggle("player__done", index < count);
        if (index === count - 1) item.setAttribute("aria-current", "step");
        else item.removeAttribute("aria-current");
      });
      said.textContent = count ? sentence(run.steps[count - 1]) : `${run.steps.length} steps; nothing has happened yet`;
      back.disabled = !count;
      step.disabled = count === run.steps.length;
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
      list.replaceChildren(
        ...run.steps.map((each) => {
          const item = element("li", { textContent: sentence(each) });
          if (each.reply && !each.right) item.className = "player__wrong";
          return item;
        }),
      );
      draw();
    };

    back.addEventListener("click", () => (stop(), go(-1)));
    step.addEventListener("click", () => (stop(), go(1)));
    play.addEventListener("click", () => {
      if (timer) return stop();
      if (count === run.steps.length) count = 0;
      play.textContent = "Pause";
      go(1);
      timer = setInterval(() => go(1), still ? 2500 : 1200);
    });
    place.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by || event.target.matches("input")) return;
      event.preventDefault();
      stop();
      go(by);
    });

    const group = `player-${[...document.querySelectorAll(".player")].indexOf(place)}`;
    const modes = runs.map((each, index) =>
      element(
        "label",
        {},
        element("input", { type: "radio", name: group, checked: !index, onchange: () => choose(each) }),
        ` ${each.name}`,
      ),
    );
    const controls = element("div", { className: "player__controls", data: { role: "group", "aria-label": title } });
    if (runs.length > 1) {
      const legend = element("legend", { textContent: "The store" });
      controls.append(element("fieldset", {}, legend, ...modes));
    }
    controls.append(back, step, play);
    place.append(controls, said, lanes, list);
    place.hidden = false;
    choose(run);
  };

  const start = () => {
    for (const place of document.querySelectorAll(".player:not([data-ready])")) {
      place.dataset.ready = "";
      build(place);
    }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
