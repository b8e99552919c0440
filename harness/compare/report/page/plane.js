// Pictures of theory: lines in a plane. Thin ones are trials; thick ones means; dashed and dotted
// ones, in the ink of the page, what theory predicts.

const looks = {
  trial: {width: 1},
  mean: {width: 2.5},
  dashed: {width: 1.5, dash: [7, 4], ink: true},
  dotted: {width: 1.5, dash: [2, 3], ink: true},
};

const lineEntries = (section, picture, line, isMarked) => line.points.map(([x, y], i) => {
  const row = section.rows[line.row].label;
  const isEnd = i === line.points.length - 1;
  const lines = `${row}\n${line.name}\n${shown(x)}, ${shown(y)}`;
  return {row, line: line.name, x, y, id: `${line.row} ${line.name}`, dash: dashOf(line.row),
    ...looks[line.look], size: !isMarked ? 0 : isEnd ? 130 : 18, lines};
});

const ends = ([x, y, x2, y2]) => ({x, y, x2, y2});
const behind = picture => ({
  contours: (picture.contours || []).map(([level, at]) => ({...ends(at), lines: `loss ${shown(level)}`})),
  arrows: (picture.arrows || []).map(([field, at]) => ({...ends(at), modified: field === 'modified',
    lines: field === 'modified' ? 'against the gradient of C + (e/4) |grad C|²' : 'against the gradient of the loss C'})),
});

const planeState = (section, picture, shape) => {
  const shownLines = picture.lines.filter(line => filter.matches(section.rows[line.row].name));
  const entries = isTrial => shownLines.filter(line => (line.look === 'trial') === isTrial)
    .flatMap(line => lineEntries(section, picture, line, shape.marked && !isTrial));
  return {
    rows: section.rows, table: entries(false), more: {trials: entries(true), ...behind(picture)}, height: shape.height,
    signals: {xtitle: picture.x, ytitle: picture.y},
  };
};

const plane = (figure, place, shape) => {
  const section = data.sections[place];
  const all = section.pictures.filter(picture => picture.chart === figure.dataset.chart);
  draw(figure, {
    chart: 'plane', place, hasLine: true,
    selects: [{name: 'along', label: 'Along', options: all.map(picture => [picture.name, picture.name])}],
    of: choices => planeState(section, all.find(picture => picture.name === choices.along), shape),
  });
};
