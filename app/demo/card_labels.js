// Appended to the emulator's script, whose card form has bare inputs: labels, and a keypad of digits on a phone.
const LABELS = {
  ru: { note: "Учебный платёж: карта 4242 4242 4242 4242", number: "Номер карты", exp_month: "Месяц", exp_year: "Год", cvc: "CVC", postal_code: "Индекс" },
  en: { note: "A payment for practice: card 4242 4242 4242 4242", number: "Card number", exp_month: "Month", exp_year: "Year", cvc: "CVC", postal_code: "Postcode" },
};
const EXAMPLES = { number: "0000 0000 0000 0000", exp_month: "12", exp_year: "34", cvc: "123", postal_code: "42011" };
const FILLS = { number: "cc-number", exp_month: "cc-exp-month", exp_year: "cc-exp-year", cvc: "cc-csc", postal_code: "postal-code" };

const mountBare = Element.prototype.mount;
Element.prototype.mount = function (place) {
  mountBare.call(this, place);
  const words = LABELS[document.documentElement.lang] ?? LABELS.en;
  this._domChildren[0].textContent = words.note;
  for (const [field, input] of Object.entries(this._inputs)) {
    const label = document.createElement("label");
    label.textContent = words[field];
    input.replaceWith(label);
    label.append(input);
    Object.assign(input, { placeholder: EXAMPLES[field], inputMode: "numeric", autocomplete: FILLS[field], size: 1 });
    input.dataset.field = field;
    input.classList.add("input");
    // People write the number in groups; the form moves on after sixteen signs, whatever they are.
    label.addEventListener("input", () => { input.value = input.value.replace(/\s/g, ""); }, true);
    this._domChildren.push(label);
  }
};
