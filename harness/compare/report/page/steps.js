// Steps to a target against batch size: points, the fitted curve, its two asymptotes, and where they meet.

const stepPoints = curve => curve.points.map(({batch, n, steps, factor, low, high}) => {
  const row = curve.method;
  const deviation = known(factor) ? ` ×÷ ${shown(factor)}` : '';
  const lines = `${row}, batch ${batch}\n${shown(steps)}${deviation} steps (n = ${n})\n${shown(steps * batch)} examples`;
  return {row, batch, n, steps, factor, examples: steps * batch, low, high, lines};
});

const stepLines = curve => {
  if (!curve.fit) return [];
  const line = (name, points, width, dash) => points.map(([batch, steps]) =>
    ({row: curve.method, id: `${curve.method} ${name}`, batch, steps, width, dash}));
  return [...line('curve', curve.fit.curve, 2, [1, 0]),
    ...curve.fit.asymptotes.flatMap((points, i) => line(`asymptote ${i}`, points, 1.2, [6, 4]))];
};

const stepsLegend = section => current => {
  const list = make('ul', {class: 'legend'});
  section.steps.curves.forEach((curve, index) => {
    if (!current.table.some(entry => entry.row === curve.method)) return;
    const item = make('li');
    item.append(sample(index, false), ` ${curve.method}`);
    list.append(item);
  });
  return list;
};

const steps = (figure, place) => {
  const section = data.sections[place];
  const {curves, target} = section.steps;
  draw(figure, {
    chart: 'steps', place, legend: stepsLegend(section),
    of: () => {
      const shownCurves = curves.filter(curve => filter.matches(curve.method));
      const table = shownCurves.flatMap(stepPoints);
      const sizes = [...new Set(table.map(entry => entry.batch))].sort((a, b) => a - b);
      const critical = shownCurves.filter(curve => curve.fit && curve.fit.critical)
        .map(({method, fit}) => ({row: method, critical: fit.critical,
          low: Math.max(fit.low || 0, sizes[0]), high: Math.min(fit.high || Infinity, sizes[sizes.length - 1])}));
      return {
        rows: curves.map(curve => ({label: curve.method})), table,
        more: {lines: shownCurves.flatMap(stepLines), critical},
        signals: {ytitle: `Steps to a ${target} (logarithmic)`}, axes: {x: {values: sizes}},
      };
    },
  });
};
