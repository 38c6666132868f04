for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  table.querySelectorAll("thead button").forEach((button, index) => {
    button.addEventListener("click", () => {
      const header = button.closest("th");
      const down = header.getAttribute("aria-sort") !== "descending";
      for (const each of table.querySelectorAll("th[aria-sort]")) {
        each.removeAttribute("aria-sort");
      }
      header.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = row => Number(row.cells[index + 1].dataset.sort);
      body.append(...[...body.rows].sort((a, b) => (down ? 1 : -1) * (value(b) - value(a))));
    });
  });
}
