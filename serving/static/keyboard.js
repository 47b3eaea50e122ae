// The keys of the editor. A letter is known by where it lies on the keyboard, whatever its layout.
import { labelOf } from "./label-keys.js";

/** Do what a key asks of *editor*; what it takes goes no further. */
export function pressed(editor, event) {
  if (!editor.active || event.defaultPrevented || document.querySelector("dialog:modal")) return;
  const writing = event.target.closest?.("input, textarea, select, [contenteditable]");
  const command = event.ctrlKey || event.metaKey;
  if (command && event.code === "KeyS") return take(event, () => save(editor, event.target.closest?.(".value-form")));
  if (event.key === "Escape" && (editor.panel.open || editor.picked || editor.caret.range || editor.handles.dragging)) {
    return take(event, () => editor.close());
  }
  if (writing) return;
  if (command && (event.code === "KeyZ" || event.code === "KeyY")) {
    return take(event, () => (event.shiftKey || event.code === "KeyY" ? editor.redo() : editor.undo()));
  }
  if (event.target.closest?.("summary, a, select, .panel details")) return;
  if (editor.picked || editor.caret.range) onChosen(editor, event);
  if (!event.defaultPrevented && event.target === editor.container) inText(editor, event);
  else if (!event.defaultPrevented && editor.picked && event.target === editor.markNode()) onMark(editor, event);
}

/** Save, with what is written in the *form* of a value; where that is wrong it says so, and nothing is saved. */
function save(editor, form) {
  form?.requestSubmit();
  if (!form?.querySelector("[aria-invalid]")) editor.drafting.save();
}

function onChosen(editor, event) {
  const label = labelOf(event);
  if (label) return take(event, () => editor.label(label));
  if (!editor.picked || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Delete" || event.key === "Backspace") take(event, () => editor.remove());
  else if (event.code === "KeyV" && !event.shiftKey) take(event, () => editor.openValue());
}

/** Shift and an arrow move the end of the picked span, with Alt its start; with Ctrl by single characters. */
function onMark(editor, event) {
  const direction = directionOf(editor, event);
  if (!event.shiftKey || !direction) return;
  const edge = event.altKey ? "start" : "end";
  const { words } = editor.annotation;
  const from = editor.picked[edge];
  take(event, () =>
    editor.moveEdge(edge, event.ctrlKey ? words.nudge(from, direction) : words.step(from, direction, edge)),
  );
}

function inText(editor, event) {
  const direction = directionOf(editor, event);
  if (event.altKey || event.metaKey) return;
  if (direction && event.ctrlKey) {
    if (event.shiftKey) take(event, () => editor.caret.nudge(direction));
    return;
  }
  const line = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const to = { Home: "start", End: "end" }[event.key];
  if (direction) take(event, () => editor.caret.move({ by: direction }, event.shiftKey));
  else if (line && !event.ctrlKey) take(event, () => editor.caret.move({ line }, event.shiftKey));
  else if (to) take(event, () => editor.caret.move({ to }, event.shiftKey));
  else if (event.key === "Enter" && editor.caret.range) take(event, () => editor.openMenu());
}

/** 1 for the arrow that goes on in the text, -1 for the one that goes back, 0 for others. */
function directionOf(editor, event) {
  const { container } = editor;
  const selected = getSelection().anchorNode?.parentElement;
  // The article is in paragraphs, each with a direction of its own, which is not always that of the interface.
  const within = event.target !== container ? event.target : container.contains(selected) ? selected : null;
  const paragraph = within?.closest("[dir]") ?? container.firstElementChild ?? container;
  const forward = getComputedStyle(paragraph).direction === "rtl" ? -1 : 1;
  return { ArrowRight: forward, ArrowLeft: -forward }[event.key] ?? 0;
}

function take(event, act) {
  event.preventDefault();
  event.stopPropagation();
  act();
}
