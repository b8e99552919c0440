// Reliability diagrams: how often predictions of a confidence are right.

const reliabilityState = section => {
  const table = section.reliability.filter(line => filter.matches(section.rows[line.row].name)).flatMap(line => {
    const row = section.rows[line.row].label;
    const all = line.bins.reduce((sum, bin) => sum + bin.examples, 0);
    return line.bins.map(({examples, confidence, accuracy}) => {
      const [gap, share] = [accuracy - confidence, examples / all];
      const lines = `${row}\nconfidence ${shown(confidence)}, accuracy ${shown(accuracy)}\n` +
        `gap ${shown(gap)}\n${examples} of ${all} examples (n = ${line.n})`;
      return {row, n: line.n, confidence, accuracy, gap, examples, share, lines};
    });
  });
  return {rows: section.rows, table, signals: {}};
};

const reliability = (figure, place) => {
  const section = data.sections[place];
  draw(figure, {chart: 'reliability', place, hasLine: true, of: () => reliabilityState(section)});
};
