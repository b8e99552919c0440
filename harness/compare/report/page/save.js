// What a reader takes along: CSV of tables and charts, SVG of charts.

const save = (name, type, text) => {
  const url = URL.createObjectURL(new Blob([text], {type}));
  const link = make('a', {href: url, download: name});
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
};

const fileName = (text, ending) =>
  `${text.normalize('NFKD').replace(/[^A-Za-z0-9.=+-]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 80) || 'gapbench'}.${ending}`;

const csvField = value => {
  const text = known(value) ? String(value) : '';
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const csvText = lines => lines.map(line => line.map(csvField).join(',')).join('\r\n') + '\r\n';

// A table as it is shown; beside what is sorted by a number stands the number in full.
const cellText = cell => {
  const copy = cell.cloneNode(true);
  for (const extra of copy.querySelectorAll('summary, .no-csv')) extra.remove();
  return copy.textContent.trim().replace(/\s+/g, ' ');
};

const tableLines = table => {
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies].flatMap(body => [...body.rows])
    .filter(row => !row.hidden && row.cells.length === heads.length);
  const visible = heads.map((head, i) => i).filter(i => !heads[i].classList.contains('off'));
  const numbered = new Set(visible.filter(i => rows.some(row =>
    row.cells[i].dataset.order !== undefined && row.cells[i].dataset.order !== cellText(row.cells[i]))));
  const line = (cells, number) => visible.flatMap(i =>
    numbered.has(i) ? [cellText(cells[i]), number(cells[i])] : [cellText(cells[i])]);
  return [line(heads, head => `${cellText(head)} (number)`),
    ...rows.map(row => line([...row.cells], cell => cell.dataset.order ?? ''))];
};

// The chart with the colours it has now: variables of the page mean nothing outside of it.
const svgText = figure => {
  const original = figure.querySelector('.plot svg');
  const copy = original.cloneNode(true);
  const ink = getComputedStyle(document.body);
  const outer = [original, ...original.querySelectorAll('*')];
  [copy, ...copy.querySelectorAll('*')].forEach((element, i) => {
    for (const name of ['fill', 'stroke']) {
      const text = element.style[name] || element.getAttribute(name) || '';
      if (!/var\(|currentColor/i.test(text)) continue;
      element.style[name] = getComputedStyle(outer[i])[name];
    }
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('style', `background: ${ink.backgroundColor}; font-family: sans-serif`);
  return new XMLSerializer().serializeToString(copy);
};
