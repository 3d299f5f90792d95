// Returns the texts that are of no use on paper: the skip link, and the switch of the language.
() => [...document.querySelectorAll(".skip,.language")].map((it) => it.textContent).filter((it) => it.trim())
