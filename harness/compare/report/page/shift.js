// Scores of predictions on shifted test parts, over the severity of the shift.

const shiftState = (section, metric, kind) => {
  const table = section.shift.filter(line => line.metric === metric && line.kind === kind)
    .filter(line => filter.matches(section.rows[line.row].name))
    .flatMap(line => line.severity.map((severity, i) => {
      const entry = {row: section.rows[line.row].label, n: line.n, severity, mean: line.mean[i], deviation: line.deviation[i]};
      const lines = `${entry.row}\n${kind}, severity ${severity}\n${shown(entry.mean)}${spread(entry)} (n = ${entry.n})`;
      return {...entry, low: low(entry), high: high(entry), lines};
    })).filter(entry => known(entry.mean));
  const {label, unit} = section.shift.find(line => line.metric === metric);
  return {rows: section.rows, table, signals: {ytitle: title({label, unit})}};
};

const shift = (figure, place) => {
  const section = data.sections[place];
  const unique = pairs => [...new Map(pairs).entries()];
  draw(figure, {
    chart: 'shift', place, hasLine: true,
    selects: [
      {name: 'metric', label: 'Show', options: unique(section.shift.map(line => [line.metric, line.label]))},
      {name: 'kind', label: 'under', options: unique(section.shift.map(line => [line.kind, line.kind]))},
    ],
    of: choices => shiftState(section, choices.metric, choices.kind),
  });
};
