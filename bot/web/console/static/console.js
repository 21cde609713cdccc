// New turns appear while a page is open. Without this script everything works, and a reload shows them.
"use strict";

const EVERY = 4000;

async function ask(address) {
  const answer = await fetch(address, { credentials: "same-origin", redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

function repeat(work) {
  const round = async () => {
    // Nobody looks: nobody needs to be told.
    if (!document.hidden) {
      try {
        await work();
      } catch {
        // The next round tries again.
      }
    }
    setTimeout(round, EVERY);
  };
  setTimeout(round, EVERY);
}

// On a phone the sections stand in a line that is wider than the screen.
document.querySelector("header nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

const news = document.querySelector("[data-count]");
if (news) {
  repeat(async () => {
    const found = await (await ask(news.dataset.count)).json();
    news.hidden = !found.new;
    if (found.new) news.firstElementChild.textContent = found.text;
  });
}

const transcript = document.querySelector("[data-news]");
if (transcript) {
  repeat(async () => {
    const turns = transcript.querySelectorAll("[data-turn]");
    const address = new URL(transcript.dataset.news, location.href);
    address.searchParams.set("after", turns.length ? turns[turns.length - 1].dataset.turn : "0");
    const text = await (await ask(address)).text();
    const parsed = new DOMParser().parseFromString(text, "text/html");
    for (const turn of parsed.querySelectorAll("[data-turn]")) {
      if (!document.getElementById(turn.id)) transcript.append(turn);
    }
  });
}
