// Learning curves and probes on the way.

const unrolled = (section, metric) => section.curves.filter(curve => curve.metric === metric.name)
  .filter(curve => filter.matches(section.rows[curve.row].name))
  .flatMap(curve => curve.epoch.map((epoch, i) => {
    const entry = {row: section.rows[curve.row].label, n: curve.n, epoch, mean: curve.mean[i], deviation: curve.deviation[i]};
    const lines = `${entry.row}\nepoch ${shown(epoch)}\n${shown(entry.mean)}${spread(entry)} (n = ${entry.n})`;
    return {...entry, low: low(entry), high: high(entry), lines};
  })).filter(entry => known(entry.mean));

// The first epoch at which the means of the rows are a tenth of all they span apart.
const apartFrom = table => {
  const byEpoch = new Map();
  for (const entry of table) {
    byEpoch.set(entry.epoch, [...(byEpoch.get(entry.epoch) || []), entry.mean]);
  }
  const range = values => Math.max(...values) - Math.min(...values);
  const whole = range(table.map(entry => entry.mean));
  const epochs = [...byEpoch.keys()].sort((a, b) => a - b);
  const first = epochs.find(epoch => range(byEpoch.get(epoch)) > whole / 10);
  return first ?? epochs[0];
};

const extent = (table, isLog) => {
  const values = table.flatMap(entry => isLog ? [entry.mean, entry.low, entry.high].filter(v => v > 0) : [entry.low, entry.high]);
  return values.length === 0 ? [isLog ? 1 : 0, isLog ? 10 : 1] : [Math.min(...values), Math.max(...values)];
};

const curveState = (section, metric, choices) => {
  const all = unrolled(section, metric);
  const last = Math.max(...all.map(entry => entry.epoch));
  const table = all.filter(entry => !choices.half || entry.epoch >= last / 2)
    .filter(entry => !choices.log || entry.mean > 0)
    .map(entry => choices.log ? {...entry, low: entry.low > 0 ? entry.low : entry.mean} : entry);
  const from = table.length > 0 ? apartFrom(table) : 0;
  const domain = extent(table.filter(entry => entry.epoch >= from), choices.log);
  return {
    rows: section.rows, table,
    signals: {ytitle: title(metric) + (choices.log ? ', logarithmic' : '')},
    scales: {y: {type: choices.log ? 'log' : 'linear', domain, zero: false}},
    axes: choices.log ? {y: {tickCount: 5, format: '.2~g'}} : {},
  };
};

const curves = (figure, place, isProbe) => {
  const section = data.sections[place];
  // What was measured once only is no curve; it comes last.
  const isCurve = metric => section.curves.some(curve => curve.metric === metric.name && curve.epoch.length > 1);
  const metrics = section.metrics.filter(metric => metric.probe === isProbe &&
    section.curves.some(curve => curve.metric === metric.name))
    .sort((a, b) => Number(isCurve(b)) - Number(isCurve(a)) || byWorth(section)(a, b));
  draw(figure, {
    chart: 'curves', place, hasLine: true,
    selects: [{name: 'metric', label: 'Show', options: metrics.map(m => [m.name, m.label])}],
    checks: [{name: 'log', label: 'logarithmic'}, {name: 'half', label: 'last half'}],
    of: choices => curveState(section, metrics.find(m => m.name === choices.metric), choices),
  });
};
