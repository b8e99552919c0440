// Effect on one data set against effect on another.

const effectEnds = effect => effect.interval || [effect.difference, effect.difference];
const effectText = effect =>
  `${shown(effect.difference)}${intervalText(effect.interval) || ' (no interval)'}, n = ${effect.seeds}`;

const transferEntry = t => {
  const [xlow, xhigh] = effectEnds(t.on_from);
  const [lower, upper] = effectEnds(t.on_to);
  return {
    row: t.method, verdict: t.verdict, x: t.on_from.difference, mean: t.on_to.difference,
    xlow, xhigh, low: lower, high: upper,
    'first data set': effectText(t.on_from), 'second data set': effectText(t.on_to),
    lines: `${t.method}: ${t.verdict}\n${t.from}: ${effectText(t.on_from)}\n${t.to}: ${effectText(t.on_to)}`,
  };
};

// What it means to lie in each corner: x and y are signs.
const quadrants = better => {
  if (better === 'none') {
    return [[1, 1, 'higher on both'], [-1, 1, 'higher on the second only'], [-1, -1, 'lower on both'], [1, -1, 'higher on the first only']];
  }
  const good = better === 'higher' ? 1 : -1;
  return [[1, 1], [-1, 1], [-1, -1], [1, -1]].map(([x, y]) => [x, y,
    x === good && y === good ? 'better on both' : x === good ? 'better on the first only'
      : y === good ? 'better on the second only' : 'worse on both']);
};

const overlap = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

// Names beside their points, each at the first of some places where nothing lies yet.
const placeNames = (view, current) => {
  const [width, height] = [view.signal('width'), view.signal('height')];
  const x = view.scale('x'), y = view.scale('y');
  const taken = current.table.map(e => ({x: x(e.x) - 7, y: y(e.mean) - 7, w: 14, h: 14}));
  const corners = view.data('corners').map(corner => ({...corner}));
  const bounds = corner => ({x: corner.x > 0 ? width - 170 : 0, y: corner.y > 0 ? 0 : height - 18, w: 170, h: 18});
  taken.push(...corners.map(bounds));
  const names = [];
  for (const entry of current.table) {
    const w = 6.8 * entry.row.length + 4, h = 14;
    const px = x(entry.x), py = y(entry.mean);
    const spots = [[9, -16], [9, 3], [-9 - w, -16], [-9 - w, 3], [-w / 2, -24], [-w / 2, 11], [14, -30], [14, 18], [-14 - w, -30], [-14 - w, 18]];
    const box = spots.map(([dx, dy]) => ({x: px + dx, y: py + dy, w, h})).find(b =>
      b.x >= 0 && b.x + w <= width && b.y >= 0 && b.y + h <= height && !taken.some(other => overlap(b, other)));
    if (!box) continue;
    taken.push(box);
    names.push({text: entry.row, px: box.x + 2, py: box.y + h / 2});
  }
  view.data('names', names).run();
};

const transferState = choices => {
  const chosen = data.transfer.filter(t => `${t.from} → ${t.to}` === choices.pair && t.metric === choices.metric);
  const table = chosen.filter(t => known(t.on_from.difference) && known(t.on_to.difference) && filter.matches(t.method))
    .map(transferEntry);
  const any = chosen[0];
  const axis = side => `Δ ${title(any)} to ${data.baseline} on ${side}`;
  return {
    table, more: {corners: quadrants(any.better).map(([x, y, text]) => ({x, y, text}))},
    signals: {xtitle: axis(any.from), ytitle: axis(any.to)},
  };
};

// The zones that are there, with the marks that they have in the chart and in the first table.
const zones = [['reproduces', 'reproduces'], ['reproduces, weaker', 'weaker'], ['same sign, share open', 'open'],
  ['at most 0.5 reproduces', 'at-most'], ['reverses', 'reverses'], ['cannot tell', 'unknown']];
const zoneLegend = current => {
  const list = make('ul', {class: 'legend zones'});
  zones.forEach(([word, name], i) => {
    if (!current.table.some(entry => entry.verdict === word)) return;
    list.append(make('li', {class: `zone ${name}`, style: `--mark: var(--zone-${i})`}, word));
  });
  return list;
};

const transfer = figure => {
  const unique = names => [...new Set(names)];
  const labels = Object.fromEntries(data.transfer.map(t => [t.metric, t.label]));
  draw(figure, {
    chart: 'transfer', after: placeNames, legend: zoneLegend,
    selects: [
      {name: 'metric', label: 'Show', options: unique(data.transfer.map(t => t.metric)).map(m => [m, labels[m]])},
      {name: 'pair', label: 'from', options: unique(data.transfer.map(t => `${t.from} → ${t.to}`)).map(p => [p, p])},
    ],
    of: transferState,
  });
};
