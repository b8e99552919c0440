// What all charts share: drawn when scrolled to, at the page's width, with switches, numbers and files.

// ---- The box that follows the pointer over a chart.

const tip = make('div', {id: 'tip', role: 'status', hidden: ''});
document.body.append(tip);
const hints = (handler, event, item, value) => {
  tip.hidden = !value || !value.lines;
  if (tip.hidden) return;
  tip.textContent = value.lines;
  const right = window.scrollX + document.documentElement.clientWidth - tip.offsetWidth - 8;
  tip.style.left = `${Math.max(0, Math.min(event.pageX + 14, right))}px`;
  tip.style.top = `${event.pageY + 14}px`;
};

// ---- Numbers behind a chart, as a table for those who cannot see or hover, and as CSV.

const notNumbers = ['lines', 'front', 'competes', 'low', 'high', 'xlow', 'xhigh', 'place'];
const numberColumns = rows => [...new Set(rows.flatMap(Object.keys))].filter(name => !notNumbers.includes(name));
const numberText = value => Array.isArray(value) ? intervalText(value).trim() : shown(value);

const numbersTable = rows => {
  const columns = numberColumns(rows);
  const table = make('table');
  const head = table.createTHead().insertRow();
  for (const name of columns) head.append(make('th', {scope: 'col'}, name));
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const name of columns) {
      line.append(make('td', typeof row[name] === 'number' ? {'data-order': row[name]} : {}, numberText(row[name])));
    }
  }
  makeSortable(table, '');
  return table;
};

const numbersCsv = rows => {
  const columns = numberColumns(rows);
  return csvText([columns, ...rows.map(row => columns.map(name => Array.isArray(row[name]) ? row[name].join(' ') : row[name]))]);
};

// ---- Specifications

// Text and lines take the page's colours, so that dark, light and print need no second drawing.
const config = {
  background: null,
  axis: {
    labelColor: 'currentColor', titleColor: 'currentColor', domainColor: 'currentColor',
    tickColor: 'currentColor', gridColor: 'currentColor', gridOpacity: 0.14, labelFontSize: 12,
    titleFontSize: 12, titleFontWeight: 'normal', titleLimit: 420, labelLimit: 230,
  },
  view: {stroke: null},
  text: {fontSize: 12},
};

// Puts data, signals and changes of scales and axes into a copy of the specification.
const filled = (name, current, width) => {
  const specification = structuredClone(specifications[name]);
  specification.width = width;
  if (current.height) specification.height = current.height;
  for (const source of specification.data) {
    if (source.name === 'table') source.values = current.table;
    if (current.more && source.name in current.more) source.values = current.more[source.name];
  }
  for (const signal of specification.signals) {
    if (signal.name in current.signals) signal.value = current.signals[signal.name];
    if (signal.name === 'isolated') signal.value = current.isolated;
  }
  const rows = current.rows || [];
  const looks = {color: colourOf, shape: shapeOf, dash: dashOf};
  for (const scale of specification.scales) {
    if (scale.name in looks && rows.length > 0) {
      scale.domain = rows.map(row => row.label);
      scale.range = rows.map((row, index) => looks[scale.name](index));
    }
    Object.assign(scale, (current.scales || {})[scale.name]);
  }
  for (const axis of specification.axes) Object.assign(axis, (current.axes || {})[axis.scale]);
  return specification;
};

// ---- Switches: lists and checks whose choice the address keeps.

const switches = (key, definition, update) => {
  const controls = make('div', {class: 'controls'});
  const choices = {};
  const note = (name, value, usual) => {
    choices[name] = value;
    address.set(`${key}.${name}`, value === usual ? null : String(value === true ? 1 : value));
    update();
  };
  for (const {name, label: text, options} of definition.selects || []) {
    const given = address.get(`${key}.${name}`);
    const usual = options[0][0];
    const label = make('label', {}, `${text} `);
    const select = make('select');
    for (const [value, shownAs] of options) select.append(make('option', {value}, shownAs));
    select.value = options.some(([value]) => value === given) ? given : usual;
    choices[name] = select.value;
    select.addEventListener('change', () => note(name, select.value, usual));
    label.append(select);
    if (options.length > 1) controls.append(label);
  }
  for (const {name, label: text} of definition.checks || []) {
    const label = make('label');
    const check = make('input', {type: 'checkbox'});
    check.checked = address.get(`${key}.${name}`) === '1';
    choices[name] = check.checked;
    check.addEventListener('change', () => note(name, check.checked, false));
    label.append(check, ` ${text}`);
    controls.append(label);
  }
  return {controls, choices};
};

// ---- Drawing

const drawing = new Map();  // figure to the function that draws it at once
const onSight = new IntersectionObserver(entries => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    onSight.unobserve(entry.target);
    drawing.get(entry.target)();
  }
}, {rootMargin: '400px'});
window.addEventListener('beforeprint', () => {
  for (const [figure, draw] of drawing) if (figure.getClientRects().length > 0) draw();
});

// definition: {chart, place, selects, checks, of(choices) -> what `filled` takes, after(view, current),
// hasLine: of the rows' legend, or legend(current)}
const draw = (figure, definition) => {
  const plot = figure.querySelector('.plot');
  const key = `${definition.place ?? ''}.${figure.dataset.chart}`;
  const name = figure.querySelector('h3').textContent;
  const numbers = make('details');
  const legendPlace = make('div');
  let view = null, current = null, legend = null;
  const isDrawn = () => figure.dataset.drawn === 'yes';
  const update = () => {
    current = definition.of(controls.choices);
    current.isolated = known(definition.place) ? isolation[definition.place].labels() : [];
    if (view) view.finalize();
    plot.replaceChildren();
    const specification = filled(definition.chart, current, Math.max(260, plot.clientWidth));
    view = new vega.View(vega.parse(specification, config), {renderer: 'svg', container: plot, hover: true});
    view.tooltip(hints).run();
    if (definition.after) definition.after(view, current);
    figure.dataset.drawn = 'yes';
    if (known(definition.hasLine)) {
      legend = makeLegend(definition.place, definition.hasLine, new Set(current.table.map(entry => entry.row)));
      legendPlace.replaceChildren(legend.list);
    } else if (definition.legend) {
      legendPlace.replaceChildren(definition.legend(current));
    }
    if (numbers.open) fill();
  };
  const fill = () => {
    numbers.querySelector('table')?.remove();
    numbers.append(numbersTable(current.table));
  };
  const controls = switches(key, definition, update);
  const once = () => { if (!isDrawn()) update(); };
  const fileOf = () => `${name} ${known(definition.place) ? data.sections[definition.place].title : ''}`;
  controls.controls.append(
    button('SVG', 'Save this chart as it is shown', () => { once(); save(fileName(fileOf(), 'svg'), 'image/svg+xml', svgText(figure)); }),
    button('CSV', 'Save the numbers of this chart', () => { once(); save(fileName(fileOf(), 'csv'), 'text/csv', numbersCsv(current.table)); }));
  numbers.append(make('summary', {}, 'Numbers of this chart'));
  numbers.addEventListener('toggle', () => { if (numbers.open) { once(); fill(); } });
  plot.before(controls.controls);
  plot.after(legendPlace);
  figure.append(numbers);
  filter.onChange(() => { if (isDrawn()) update(); });
  if (known(definition.place)) {
    isolation[definition.place].onChange(() => {
      if (!isDrawn()) return;
      view.signal('isolated', isolation[definition.place].labels()).run();
      if (legend) legend.refresh();
    });
  }
  let width = 0;
  new ResizeObserver(() => {
    if (isDrawn() && Math.abs(plot.clientWidth - width) > 4) update();
    width = plot.clientWidth;
  }).observe(plot);
  drawing.set(figure, once);
  onSight.observe(figure);
};
