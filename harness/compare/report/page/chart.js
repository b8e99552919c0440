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

const notNumbers = ['lines', 'front', 'competes', 'low', 'high', 'xlow', 'xhigh', 'place',
  'id', 'dash', 'width', 'size', 'ink'];
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
class Chart {
  constructor(figure, definition) {
    Object.assign(this, {figure, definition, plot: figure.querySelector('.plot'), view: null, current: null});
    this.legendPlace = make('div');
    this.numbers = make('details');
    this.switches = switches(`${definition.place ?? ''}.${figure.dataset.chart}`, definition, () => this.update());
    this.lay();
    this.listen();
    drawing.set(figure, () => this.drawOnce());
    onSight.observe(figure);
  }

  get isDrawn() { return this.figure.dataset.drawn === 'yes'; }

  lay() {
    this.switches.controls.append(
      button('SVG', 'Save this chart as it is shown', () => this.saveAs('svg', 'image/svg+xml', () => svgText(this.figure))),
      button('CSV', 'Save the numbers of this chart', () => this.saveAs('csv', 'text/csv', () => numbersCsv(this.current.table))));
    this.numbers.append(make('summary', {}, 'Numbers of this chart'));
    this.numbers.addEventListener('toggle', () => { if (this.numbers.open) { this.drawOnce(); this.fill(); } });
    this.plot.before(this.switches.controls);
    this.plot.after(this.legendPlace);
    this.figure.append(this.numbers);
  }

  listen() {
    const {place} = this.definition;
    filter.onChange(() => { if (this.isDrawn) this.update(); });
    if (known(place)) isolation[place].onChange(() => this.isolate(isolation[place].labels()));
    let width = 0;
    new ResizeObserver(() => {
      if (this.isDrawn && Math.abs(this.plot.clientWidth - width) > 4) this.update();
      width = this.plot.clientWidth;
    }).observe(this.plot);
  }

  drawOnce() { if (!this.isDrawn) this.update(); }

  update() {
    const {definition, plot} = this;
    this.current = definition.of(this.switches.choices);
    this.current.isolated = known(definition.place) ? isolation[definition.place].labels() : [];
    if (this.view) this.view.finalize();
    plot.replaceChildren();
    const specification = filled(definition.chart, this.current, Math.max(260, plot.clientWidth));
    this.view = new vega.View(vega.parse(specification, config), {renderer: 'svg', container: plot, hover: true});
    this.view.tooltip(hints).run();
    if (definition.after) definition.after(this.view, this.current);
    this.figure.dataset.drawn = 'yes';
    this.showLegend();
    if (this.numbers.open) this.fill();
  }

  showLegend() {
    const {place, hasLine, legend} = this.definition;
    if (legend) this.legendPlace.replaceChildren(legend(this.current));
    if (!known(hasLine)) return;
    this.legend = makeLegend(place, hasLine, new Set(this.current.table.map(entry => entry.row)));
    this.legendPlace.replaceChildren(this.legend.list);
  }

  isolate(labels) {
    if (!this.isDrawn) return;
    this.view.signal('isolated', labels).run();
    if (this.legend) this.legend.refresh();
  }

  fill() {
    this.numbers.querySelector('table')?.remove();
    this.numbers.append(numbersTable(this.current.table));
  }

  saveAs(ending, type, text) {
    this.drawOnce();
    const {place} = this.definition;
    const name = `${this.figure.querySelector('h3').textContent} ${known(place) ? data.sections[place].title : ''}`;
    save(fileName(name, ending), type, text());
  }
}

const draw = (figure, definition) => new Chart(figure, definition);
