// From a row to its trials: each seed as a point beside the baseline's, its folder, how to repeat it.

const stripMetrics = section => {
  const gaps = section.metrics.filter(metric => metric.gap);
  return [...section.metrics.filter(metric => metric.name === section.primary), ...gaps];
};

// Two lines of points, seeds that are in both joined.
const strip = (section, row, metric) => {
  const base = known(section.baseline) && section.rows[section.baseline] !== row ? section.rows[section.baseline] : null;
  const lines = (base ? [base, row] : [row]).map(r => r.trials.filter(t => metric.name in t.values));
  const values = lines.flat().map(t => t.values[metric.name]);
  if (values.length === 0) return null;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const at = value => 8 + 284 * (most > least ? (value - least) / (most - least) : 0.5);
  const svg = svgElement('svg', {viewBox: '0 0 300 56', width: 300, height: 56, role: 'img',
    'aria-label': `${metric.label} by seed`});
  lines[0].forEach(t => {
    const pair = lines[1] && lines[1].find(other => other.seed === t.seed);
    if (pair) svg.append(svgElement('path', {class: 'pair', d: `M${at(t.values[metric.name])},14L${at(pair.values[metric.name])},42`}));
  });
  lines.forEach((line, i) => line.forEach(t => {
    const dot = svgElement('circle', {class: base && i === 0 ? 'base' : 'own', r: 5,
      cx: at(t.values[metric.name]), cy: base && i === 0 ? 14 : 42});
    dot.append(svgElement('title'));
    dot.firstChild.textContent = `seed ${t.seed}: ${shown(t.values[metric.name])}`;
    svg.append(dot);
  }));
  const block = make('div', {class: 'strip'});
  block.append(make('div', {}, title(metric)), svg,
    make('div', {class: 'ends'}, `${shown(least)} … ${shown(most)}${base ? `; above: ${base.name}` : ''}`));
  return block;
};

// Where the browser gives no clipboard to a page from disk, the command is at least selected.
const copyButton = code => {
  const copy = button('Copy', 'Copy the command', async () => {
    getSelection().selectAllChildren(code);
    try {
      await navigator.clipboard.writeText(code.textContent);
      copy.textContent = 'Copied';
    } catch {
      copy.textContent = 'Selected';
    }
  });
  return copy;
};

const trialsTable = (section, row) => {
  const metrics = [...section.metrics.filter(metric => !metric.probe), ...section.costs]
    .filter(metric => row.trials.some(t => metric.name in t.values));
  const table = make('table');
  const head = table.createTHead().insertRow();
  for (const name of ['Seed', 'Ended', ...metrics.map(m => m.label), 'Folder', 'Repeat']) {
    head.append(make('th', {scope: 'col'}, name));
  }
  const body = table.createTBody();
  for (const t of row.trials) {
    const line = body.insertRow();
    line.append(make('th', {scope: 'row', 'data-order': t.seed}, String(t.seed)));
    const ended = t.status === 'ok' ? 'ok' : `${t.status} at step ${t.step}${t.reason ? `: ${t.reason}` : ''}`;
    line.append(make('td', {}, ended));
    for (const metric of metrics) {
      const value = t.values[metric.name];
      line.append(make('td', known(value) ? {'data-order': value} : {}, shown(value)));
    }
    line.append(make('td', {class: 'text'}, t.folder));
    const repeat = make('td', {class: 'text'});
    const code = make('code', {}, t.repeat);
    repeat.append(code, ' ', copyButton(code));
    line.append(repeat);
  }
  makeSortable(table, '');
  return table;
};

const showRow = (place, index, after) => {
  const section = data.sections[place];
  const row = section.rows[index];
  const panel = make('aside', {class: 'trials', 'aria-label': `Trials of ${row.name}`});
  const close = button('Close', 'Close these trials', () => panel.remove());
  const heading = make('h4', {}, `${row.label} on ${section.title} `);
  heading.append(close);
  const strips = make('div', {class: 'strips'});
  strips.append(...stripMetrics(section).map(metric => strip(section, row, metric)).filter(block => block));
  const scroll = make('div', {class: 'table'});
  scroll.append(trialsTable(section, row));
  panel.append(heading, strips, scroll);
  after.after(panel);
  return panel;
};

// Row names in tables open the trials: of their own section, or of all sections in the first table.
const openRow = (table, name, places) => {
  const wrapper = table.parentElement;
  for (const old of wrapper.parentElement.querySelectorAll('aside.trials')) old.remove();
  let after = wrapper;
  for (const place of places) {
    const index = data.sections[place].rows.findIndex(row => row.name === name);
    if (index < 0 || data.sections[place].rows[index].trials.length === 0) continue;
    after = showRow(place, index, after);
  }
};

const linkRows = (table, places) => {
  for (const line of table.querySelectorAll('tbody tr:not(.group)')) {
    const cell = line.cells[0];
    const name = nameOfRow(line);
    if (!places.some(place => data.sections[place].rows.some(row => row.name === name))) continue;
    const opener = button('', 'Show the trials of this row', () => openRow(table, name, places));
    opener.className = 'row';
    opener.append(...cell.childNodes);
    cell.append(opener);
  }
};
