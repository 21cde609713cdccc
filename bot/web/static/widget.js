// A button at the bottom right that opens the chat inside the page of another site:
// <script src="https://HOST/widget.js" data-language="vi" defer></script>

(() => {
  const script = document.currentScript;
  const language = script.dataset.language === "en" ? "en" : "vi";
  const texts = {
    vi: { open: "Hỏi Hải Đăng", close: "Đóng", title: "Hải Đăng, trợ lý xuất khẩu" },
    en: { open: "Ask Hải Đăng", close: "Close", title: "Hải Đăng, the export assistant" },
  }[language];
  const home = new URL(script.src).origin;
  // Set property by property, which a site's own Content-Security-Policy lets pass.
  const style = (element, rules) => Object.assign(element.style, rules);

  const button = document.createElement("button");
  button.type = "button";
  button.textContent = texts.open;
  button.setAttribute("aria-expanded", "false");
  style(button, {
    position: "fixed", right: "16px", bottom: "16px", zIndex: "2147483647", minHeight: "52px", padding: "0 22px",
    border: "2px solid #fff", borderRadius: "26px", background: "#0b5563", color: "#fff", cursor: "pointer",
    font: "600 16px/1.2 system-ui, sans-serif", boxShadow: "0 4px 16px rgba(0, 0, 0, .3)",
  });

  const frame = document.createElement("iframe");
  frame.title = texts.title;
  frame.hidden = true;
  style(frame, {
    position: "fixed", right: "16px", bottom: "84px", zIndex: "2147483646", width: "min(420px, calc(100vw - 32px))",
    height: "min(680px, calc(100vh - 104px))", border: "1px solid #8aa", borderRadius: "16px", background: "#f4f7f6",
    boxShadow: "0 8px 32px rgba(0, 0, 0, .3)",
  });

  const turn = (open) => {
    // Nothing is fetched before somebody wants it.
    if (open && !frame.src) frame.src = `${home}/embed?lang=${language}`;
    frame.hidden = !open;
    button.textContent = open ? texts.close : texts.open;
    button.setAttribute("aria-expanded", String(open));
    if (open) frame.focus();
  };
  button.addEventListener("click", () => turn(frame.hidden));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || frame.hidden) return;
    turn(false);
    button.focus();
  });
  const begin = () => document.body.append(frame, button);
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);
})();
