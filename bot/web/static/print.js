// A button that prints the page; without a script it would do nothing, so it is hidden until there is one.
const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());
