// Whether the page is dark now: a canvas cannot read CSS variables as it draws, so it has to know.
import { createSubscriber } from "svelte/reactivity";

const subscribe = createSubscriber((update) => {
  const observer = new MutationObserver(update);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
});

export const scheme = {
  get dark(): boolean {
    subscribe();
    return document.documentElement.dataset.theme === "dark";
  },
};
