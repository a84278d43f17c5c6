import type { Diagram } from "./diagram.ts";
import type { View } from "./view.ts";

/** Keys of the diagram and of the panel beside it. */
export function listenToKeys(view: View, diagram: Diagram, parents: readonly HTMLElement[]): void {
  const act = (event: KeyboardEvent): boolean => {
    const following = view.story !== null;
    switch (event.key) {
      case "+":
      case "=":
        view.zoomHere(2);
        return true;
      case "-":
        view.zoomHere(0.5);
        return true;
      case "0":
      case "Home":
        view.lookAtAll();
        return true;
      case "ArrowLeft":
      case "ArrowRight": {
        const way = event.key === "ArrowLeft" ? -1 : 1;
        if (following && !event.shiftKey) view.step(way);
        else view.pan(way * 0.2);
        return true;
      }
      case "ArrowDown":
      case "ArrowUp": {
        const way = event.key === "ArrowUp" ? -1 : 1;
        if (following) view.step(way);
        else diagram.moveCandidate(way);
        return true;
      }
      case "Enter": {
        const hit = diagram.candidateHit;
        return hit !== null && !following && view.follow(hit.msg, hit.row);
      }
      case "Escape":
        view.release();
        return following;
      default:
        return false;
    }
  };
  for (const parent of parents)
    parent.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      // A button's own Enter stays its own.
      if (event.key === "Enter" && event.target instanceof HTMLButtonElement) return;
      if (act(event)) event.preventDefault();
    });
}
