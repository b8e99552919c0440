// The report's own program: sorts tables, draws the charts, switches between light and dark. All
// numbers come from the two JSON blocks of the page; nothing is fetched.
'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const specifications = JSON.parse(document.getElementById('charts').textContent);

  // Elements are made with textContent, so that no name of a user is ever read as HTML.
  const make = (tag, attributes = {}, text = '') => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };
  const known = value => value !== null && value !== undefined;
  const shown = value => {
    if (!known(value)) return '–';
    if (typeof value !== 'number') return String(value);
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential(3);
    return String(Number(value.toPrecision(5)));
  };

  // ---- Tables: a click or Enter on a heading sorts by it; cells without a value stay last.

  const sortKey = cell => {
    if (cell.dataset.order !== undefined) return Number(cell.dataset.order);
    return cell.textContent === '–' ? null : cell.textContent;
  };
  const compare = (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return String(a).localeCompare(String(b), 'en', {numeric: true});
  };
  const sortBy = (table, column, heading) => {
    const ascending = heading.getAttribute('aria-sort') !== 'ascending';
    const body = table.tBodies[0];
    const rows = [...body.rows].map(row => ({row, key: sortKey(row.cells[column])}));
    rows.sort((a, b) => {
      if (!known(a.key) || !known(b.key)) return Number(!known(a.key)) - Number(!known(b.key));
      return ascending ? compare(a.key, b.key) : compare(b.key, a.key);
    });
    body.append(...rows.map(entry => entry.row));
    for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
    heading.setAttribute('aria-sort', ascending ? 'ascending' : 'descending');
  };
  const makeSortable = table => {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = make('button', {type: 'button', title: 'Sort by this column'}, heading.textContent);
      heading.textContent = '';
      heading.append(button);
      button.addEventListener('click', () => sortBy(table, column, heading));
    });
  };

  // ---- The box that follows the pointer over a chart.

  const tip = make('div', {id: 'tip', role: 'status', hidden: ''});
  document.body.append(tip);
  const hints = (handler, event, item, value) => {
    tip.hidden = !value || !value.lines;
    if (tip.hidden) return;
    tip.textContent = value.lines;
    tip.style.left = `${Math.min(event.pageX + 14, window.scrollX + window.innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${event.pageY + 14}px`;
  };

  // ---- Numbers behind a chart, as a table for those who cannot see or hover.

  const numbersTable = rows => {
    const columns = Object.keys(rows[0] || {}).filter(name => !['lines', 'front', 'competes', 'low', 'high', 'xlow', 'xhigh'].includes(name));
    const table = make('table');
    const head = table.createTHead().insertRow();
    for (const name of columns) head.append(make('th', {scope: 'col'}, name));
    const body = table.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      for (const name of columns) {
        line.append(make('td', typeof row[name] === 'number' ? {'data-order': row[name]} : {}, shown(row[name])));
      }
    }
    makeSortable(table);
    return table;
  };

  // ---- Charts

  // Text and lines take the page's colour, so that dark, light and print need no second drawing.
  const config = {
    background: null,
    axis: {
      labelColor: 'currentColor', titleColor: 'currentColor', domainColor: 'currentColor',
      tickColor: 'currentColor', gridColor: 'currentColor', gridOpacity: 0.14, labelFontSize: 12,
      titleFontSize: 12, titleFontWeight: 'normal', titleLimit: 420,
    },
    legend: {labelColor: 'currentColor', titleColor: 'currentColor', labelFontSize: 12, symbolSize: 90, orient: 'bottom'},
    range: {
      category: ['#3b82c4', '#d1662a', '#2f9e6e', '#b4509b', '#a3851a', '#6b6bd6', '#c0443f', '#4a8f99'],
      symbol: ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'triangle-right'],
    },
    view: {stroke: null},
    text: {fontSize: 12},
  };
  const legend = rows => rows.length > 8 ? {columns: 2, labelLimit: 240} : {columns: 1, labelLimit: 480};
  const configFor = rows => ({...config, legend: {...config.legend, ...legend(rows)}});

  // state(choices) gives {rows, table, signals}: what the chart shows for the chosen options.
  const draw = (figure, name, selects, state) => {
    const plot = figure.querySelector('.plot');
    const controls = make('div', {class: 'controls'});
    const chosen = {};
    let view = null;
    let current = null;
    const update = () => {
      for (const [key, select] of Object.entries(chosen)) state.choices[key] = select.value;
      current = state.of(state.choices);
      if (view) view.finalize();
      const specification = structuredClone(specifications[name]);
      for (const source of specification.data) {
        if (source.name === 'table') source.values = current.table;
        if (source.name === 'rows') source.values = current.rows;
      }
      for (const signal of specification.signals) {
        if (signal.name in current.signals) signal.value = current.signals[signal.name];
      }
      view = new vega.View(vega.parse(specification, configFor(current.rows)), {renderer: 'svg', container: plot, hover: true});
      view.tooltip(hints).runAsync().then(() => { figure.dataset.drawn = 'yes'; });
      if (details.open) fill();
    };
    for (const [key, choice] of Object.entries(selects)) {
      const label = make('label', {}, `${choice.label} `);
      const select = make('select');
      for (const [value, text] of choice.options) select.append(make('option', {value}, text));
      select.addEventListener('change', update);
      chosen[key] = select;
      label.append(select);
      if (choice.options.length > 1) controls.append(label);
    }
    const details = make('details');
    const fill = () => {
      details.querySelector('table')?.remove();
      details.append(numbersTable(current.table));
    };
    details.append(make('summary', {}, 'Numbers of this chart'));
    details.addEventListener('toggle', () => { if (details.open) fill(); });
    plot.before(controls);
    figure.append(details);
    update();
  };

  const spread = entry => known(entry.deviation) ? ` ± ${shown(entry.deviation)}` : '';
  const low = entry => entry.mean - (entry.deviation || 0);
  const high = entry => entry.mean + (entry.deviation || 0);
  // "Test acc %" and "Error gap (points)" have their unit already.
  const title = metric => /[%([]/.test(metric.label) ? metric.label : `${metric.label} (${metric.unit})`;

  const unrolled = (section, metric) => section.curves.filter(curve => curve.metric === metric).flatMap(
    curve => curve.epoch.map((epoch, i) => {
      const entry = {row: section.rows[curve.row].label, n: curve.n, metric, epoch, mean: curve.mean[i], deviation: curve.deviation[i]};
      const lines = `${entry.row}\nepoch ${shown(epoch)}\n${shown(entry.mean)}${spread(entry)} (n = ${entry.n})`;
      return {...entry, low: low(entry), high: high(entry), lines};
    })).filter(entry => known(entry.mean));

  const testFirst = (a, b) => Number(b.name.startsWith('test')) - Number(a.name.startsWith('test'));

  const curves = (figure, section, isProbe) => {
    const metrics = section.metrics.filter(metric => metric.probe === isProbe &&
        section.curves.some(curve => curve.metric === metric.name)).sort(testFirst);
    const of = choices => {
      const metric = metrics.find(m => m.name === choices.metric);
      const table = unrolled(section, metric.name);
      return {rows: section.rows, table, signals: {metric: metric.name, ytitle: title(metric)}};
    };
    draw(figure, 'curves', {metric: {label: 'Show', options: metrics.map(m => [m.name, m.label])}},
         {choices: {}, of});
  };

  // On the front: no other row is at most as dear and at least as good, and one of them strictly.
  const onFront = (entry, all, sign) => !all.some(other => other !== entry && other.x <= entry.x &&
      sign * other.mean >= sign * entry.mean && (other.x < entry.x || other.mean !== entry.mean));

  const cost = (figure, section) => {
    const metrics = section.metrics.filter(metric => !metric.probe && metric.better !== 'none').sort(testFirst);
    const of = choices => {
      const metric = metrics.find(m => m.name === choices.metric);
      const unit = section.costs.find(c => c.name === choices.cost);
      const table = section.points.filter(p => p.values[metric.name] && p.values[unit.name]).map(p => {
        const y = p.values[metric.name];
        const x = p.values[unit.name];
        const row = section.rows[p.row].label;
        const lines = `${row}\n${metric.label}: ${shown(y.mean)}${spread(y)}\n${unit.label}: ${shown(x.mean)}${spread(x)}\nn = ${y.n}`;
        return {row, n: y.n, x: x.mean, mean: y.mean, deviation: y.deviation, low: low(y), high: high(y), xlow: low(x), xhigh: high(x), competes: y.competes, lines};
      });
      const competitors = table.filter(entry => entry.competes);
      const sign = metric.better === 'higher' ? 1 : -1;
      for (const entry of table) entry.front = entry.competes && onFront(entry, competitors, sign);
      return {rows: section.rows, table, signals: {xtitle: title(unit), ytitle: title(metric), from_zero: metric.gap}};
    };
    draw(figure, 'cost', {
      metric: {label: 'Show', options: metrics.map(m => [m.name, m.label])},
      cost: {label: 'against', options: section.costs.map(c => [c.name, c.label])},
    }, {choices: {}, of});
  };

  const batch = (figure, section) => {
    const metrics = section.metrics.filter(metric => metric.probe);
    const of = choices => {
      const metric = metrics.find(m => m.name === choices.metric);
      const table = section.points.filter(p => known(p.batch) && p.values[metric.name]).map(p => {
        const y = p.values[metric.name];
        const row = section.rows[p.row].label;
        const lines = `${row}\nbatch ${p.batch}\n${shown(y.mean)}${spread(y)} (n = ${y.n})`;
        return {row, n: y.n, metric: metric.name, batch: p.batch, mean: y.mean, deviation: y.deviation, low: low(y), high: high(y), lines};
      });
      return {rows: section.rows, table, signals: {metric: metric.name, ytitle: title(metric)}};
    };
    draw(figure, 'batch', {metric: {label: 'Show', options: metrics.map(m => [m.name, m.label])}}, {choices: {}, of});
  };

  const transfer = figure => {
    const unique = names => [...new Set(names)];
    const pairs = unique(data.transfer.map(t => `${t.from} → ${t.to}`));
    const metrics = unique(data.transfer.map(t => t.metric));
    const labels = Object.fromEntries(data.transfer.map(t => [t.metric, t.label]));
    const ends = effect => effect.interval || [effect.difference, effect.difference];
    const text = effect => `${shown(effect.difference)}${effect.interval ? ` [${shown(effect.interval[0])}, ${shown(effect.interval[1])}]` : ' (no interval)'}, n = ${effect.seeds}`;
    const of = choices => {
      const chosen = data.transfer.filter(t => `${t.from} → ${t.to}` === choices.pair && t.metric === choices.metric);
      const table = chosen.filter(t => known(t.on_from.difference) && known(t.on_to.difference)).map(t => {
        const [xlow, xhigh] = ends(t.on_from);
        const [lower, upper] = ends(t.on_to);
        const lines = `${t.method}: ${t.verdict}\n${t.from}: ${text(t.on_from)}\n${t.to}: ${text(t.on_to)}`;
        return {row: t.method, verdict: t.verdict, x: t.on_from.difference, mean: t.on_to.difference, xlow, xhigh, low: lower, high: upper,
          'first data set': text(t.on_from), 'second data set': text(t.on_to), lines};
      });
      const axis = side => `Δ ${title(chosen[0])} to ${data.baseline} on ${side}`;
      return {rows: [], table, signals: {xtitle: axis(chosen[0].from), ytitle: axis(chosen[0].to)}};
    };
    draw(figure, 'transfer', {
      metric: {label: 'Show', options: metrics.map(m => [m, labels[m]])},
      pair: {label: 'from', options: pairs.map(p => [p, p])},
    }, {choices: {}, of});
  };

  for (const table of document.querySelectorAll('table')) makeSortable(table);
  for (const figure of document.querySelectorAll('figure.chart')) {
    const section = data.sections[Number(figure.dataset.section)];
    const kind = figure.dataset.chart;
    if (kind === 'transfer') transfer(figure);
    if (kind === 'curves') curves(figure, section, false);
    if (kind === 'probes') curves(figure, section, true);
    if (kind === 'cost') cost(figure, section);
    if (kind === 'batch') batch(figure, section);
  }

  const theme = document.getElementById('theme');
  theme.hidden = false;
  theme.addEventListener('click', () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
  });
})();
