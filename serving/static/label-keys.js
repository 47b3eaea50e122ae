// One key per label. A key is known by where it lies (KeyboardEvent.code), whatever the layout of the keyboard.
export const LABEL_KEYS = new Map([
  ["PER", "KeyP"],
  ["TTL", "KeyT"],
  ["ORG", "KeyO"],
  ["LOC", "KeyL"],
  ["FAC", "KeyF"],
  ["EVT", "KeyE"],
  ["PLN", "KeyN"],
  ["DAT", "KeyD"],
  ["TIM", "KeyH"],
  ["IND", "KeyI"],
  ["MON", "KeyM"],
  ["PCT", "KeyS"],
  ["QTY", "KeyQ"],
  ["CNT", "KeyC"],
  ["RNK", "KeyR"],
]);

const LABELS = new Map([...LABEL_KEYS].map(([label, code]) => [code, label]));

// What the key has on a Persian keyboard (ISIRI 9147).
const PERSIAN = {
  KeyP: "ح",
  KeyT: "ف",
  KeyO: "خ",
  KeyL: "م",
  KeyF: "ب",
  KeyE: "ث",
  KeyN: "د",
  KeyD: "ی",
  KeyH: "ا",
  KeyI: "ه",
  KeyM: "ئ",
  KeyS: "س",
  KeyQ: "ض",
  KeyC: "ز",
  KeyR: "ق",
  KeyV: "ر",
};

/** The label whose key was pressed alone, else undefined. */
export function labelOf(event) {
  return event.ctrlKey || event.altKey || event.metaKey || event.shiftKey ? undefined : LABELS.get(event.code);
}

/** What stands on a key: "P ح". */
export function keyCap(code) {
  return `${code.replace("Key", "")} ${PERSIAN[code]}`;
}
