// Charts with one point a row: seeds, quality against cost, batch size against probes.

// ---- Each trial as a point, each row's mean with its interval.

const seedState = (section, metric) => {
  const points = section.points.filter(p => p.values[metric.name] && filter.matches(section.rows[p.row].name));
  const table = points.map(p => {
    const value = p.values[metric.name];
    const row = section.rows[p.row].label;
    const lines = `${row}\n${shown(value.mean)}${spread(value)}${intervalText(value.interval)} (n = ${value.n})`;
    const [xlow, xhigh] = value.interval || [value.mean, value.mean];
    return {row, n: value.n, mean: value.mean, deviation: value.deviation, interval: value.interval, xlow, xhigh, lines};
  });
  const trials = points.flatMap(p => section.rows[p.row].trials.filter(t => metric.name in t.values).map(t => {
    const row = section.rows[p.row].label;
    return {row, value: t.values[metric.name], lines: `${row}, seed ${t.seed}\n${shown(t.values[metric.name])}\n${t.folder}`};
  }));
  const base = points.find(p => p.row === section.baseline);
  return {
    rows: section.rows, table, height: 26 * Math.max(1, table.length),
    more: {trials, baseline: base ? [{value: base.values[metric.name].mean}] : []},
    signals: {xtitle: title(metric)},
    scales: {y: {domain: table.map(entry => entry.row)}},
    axes: {y: {labelLimit: document.documentElement.clientWidth < 600 ? 110 : 260}},
  };
};

const seeds = (figure, place, usual) => {
  const section = data.sections[place];
  const first = metric => Number(metric.name === usual);
  const metrics = [...section.metrics, ...section.costs]
    .filter(metric => section.points.some(p => p.values[metric.name]))
    .sort((a, b) => first(b) - first(a) || byWorth(section)(a, b));
  draw(figure, {
    chart: 'seeds', place,
    selects: [{name: 'metric', label: 'Show', options: metrics.map(m => [m.name, m.label])}],
    of: choices => seedState(section, metrics.find(m => m.name === choices.metric)),
  });
};

// ---- Quality against cost

// On the front: no other row is at most as dear and at least as good, and one of them strictly.
const onFront = (entry, all, sign) => !all.some(other => other !== entry && other.x <= entry.x &&
  sign * other.mean >= sign * entry.mean && (other.x < entry.x || other.mean !== entry.mean));

const costState = (section, metric, unit) => {
  const table = section.points
    .filter(p => p.values[metric.name] && p.values[unit.name] && filter.matches(section.rows[p.row].name))
    .map(p => {
      const y = p.values[metric.name];
      const x = p.values[unit.name];
      const row = section.rows[p.row].label;
      const lines = `${row}\n${metric.label}: ${shown(y.mean)}${spread(y)}\n${unit.label}: ${shown(x.mean)}${spread(x)}\nn = ${y.n}`;
      return {row, n: y.n, x: x.mean, mean: y.mean, deviation: y.deviation, low: low(y), high: high(y),
        xlow: low(x), xhigh: high(x), competes: y.competes, lines};
    });
  const competitors = table.filter(entry => entry.competes);
  const sign = metric.better === 'higher' ? 1 : -1;
  for (const entry of table) entry.front = entry.competes && onFront(entry, competitors, sign);
  return {rows: section.rows, table, signals: {xtitle: title(unit), ytitle: title(metric), from_zero: metric.gap}};
};

const cost = (figure, place) => {
  const section = data.sections[place];
  const metrics = section.metrics.filter(metric => !metric.probe && metric.better !== 'none').sort(byWorth(section));
  draw(figure, {
    chart: 'cost', place, hasLine: false,
    selects: [
      {name: 'metric', label: 'Show', options: metrics.map(m => [m.name, m.label])},
      {name: 'cost', label: 'against', options: section.costs.map(c => [c.name, c.label])},
    ],
    of: choices => costState(section, metrics.find(m => m.name === choices.metric),
      section.costs.find(c => c.name === choices.cost)),
  });
};

// ---- Batch size against probes

const batchState = (section, metric) => {
  const table = section.points
    .filter(p => known(p.batch) && p.values[metric.name] && filter.matches(section.rows[p.row].name))
    .map(p => {
      const y = p.values[metric.name];
      const row = section.rows[p.row].label;
      const lines = `${row}\nbatch ${p.batch}\n${shown(y.mean)}${spread(y)} (n = ${y.n})`;
      return {row, n: y.n, batch: p.batch, mean: y.mean, deviation: y.deviation, low: low(y), high: high(y), lines};
    });
  const sizes = [...new Set(table.map(entry => entry.batch))].sort((a, b) => a - b);
  return {rows: section.rows, table, signals: {ytitle: title(metric)}, axes: {x: {values: sizes}}};
};

const batch = (figure, place) => {
  const section = data.sections[place];
  const metrics = section.metrics.filter(metric => metric.probe);
  draw(figure, {
    chart: 'batch', place, hasLine: false,
    selects: [{name: 'metric', label: 'Show', options: metrics.map(m => [m.name, m.label])}],
    of: choices => batchState(section, metrics.find(m => m.name === choices.metric)),
  });
};
