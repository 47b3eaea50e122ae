// Asks for a key of the service, once it has asked for one.
import { onKeyNeeded } from "./api.js";
import { addWords } from "./words.js";

addWords({
  fa: {
    "key.title": "کلید سرویس", "key.label": "کلید", "key.send": "بفرست", "key.cancel": "انصراف",
    "key.kept": "تا بسته شدن این زبانه می‌ماند و جز به همین سرویس فرستاده نمی‌شود.",
  },
  en: {
    "key.title": "Key of the service", "key.label": "Key", "key.send": "Send", "key.cancel": "Cancel",
    "key.kept": "It is kept until this tab is closed, and sent to this service alone.",
  },
});

/** Let requests ask for a key in the dialog #access. */
export function startAccess() {
  const dialog = document.getElementById("access");
  const field = document.getElementById("key");
  document.getElementById("key-cancel").addEventListener("click", () => dialog.close(""));
  document.getElementById("key-form").addEventListener("submit", (event) => {
    event.preventDefault(); // a form with the method "dialog" is sent, which the policy of the page forbids
    dialog.close("given");
  });
  onKeyNeeded((reason) => new Promise((resolve) => {
    document.getElementById("key-reason").textContent = reason;
    field.value = "";
    dialog.returnValue = "";
    const given = () => resolve(dialog.returnValue === "given" ? field.value : null);
    dialog.addEventListener("close", given, { once: true });
    dialog.showModal();
    field.focus();
  }));
}
