// Lists that are put in order by dragging; their fields travel along, and the buttons beside them do the same.

import { bring } from "./vendor.js";

export async function sortLists(lists) {
  await bring("sortable.js");
  for (const list of lists) {
    window.Sortable.create(list, {
      handle: "[data-grip]", animation: 150,
      onEnd: () => list.closest("form").dispatchEvent(new Event("sorted", { bubbles: true })),
    });
    list.classList.add("is-sortable");
  }
}
