"use strict";
// Draws each chart of the page's JSON into the figure of the same number. The list of a chart's lines, with their
// last values, is part of the page; here it only follows the pointer.
(function () {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const figures = document.querySelectorAll(".charts figure");
  const sync = uPlot.sync("steps");
  const HEIGHT = 270;
  let plots = [];

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  }

  function brief(value) {
    if (value == null) return "–";
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(value === Number(value.toPrecision(1)) ? 0 : 1).replace("-", "−");
    return String(Number(value.toPrecision(4))).replace("-", "−");
  }

  function percent(value) {
    return value == null ? "–" : Math.round(value * 100) + " %";
  }

  // As the keys show it: a pale line, a line, a bold line, a dashed line with dots.
  const WIDTH = { faint: 1, line: 1.5, mean: 3, held_out: 1.5, low: 0, high: 0 };
  const isEdge = (spec) => spec.kind === "low" || spec.kind === "high";

  // The place of each line in the plot's data; edges of bands have no key.
  function keyed(chart) {
    return chart.series.map((spec, i) => i + 1).filter((i) => !isEdge(chart.series[i - 1]));
  }

  // Between the lowest and the highest of several seeds.
  function bands(chart) {
    return chart.series.flatMap((spec, i) => (spec.kind === "high" ? [{ series: [i + 1, i], fill: colour(spec.colour) + "2e" }] : []));
  }

  function series(spec) {
    if (isEdge(spec)) return { label: spec.label, stroke: "transparent", width: 0, points: { show: false }, spanGaps: true };
    const stroke = colour(spec.colour);
    const dots = spec.kind === "held_out";
    return {
      label: spec.label,
      stroke: stroke,
      alpha: spec.kind === "faint" ? 0.5 : 1,
      width: WIDTH[spec.kind],
      dash: dots || spec.dash ? spec.dash || [4, 4] : undefined,
      spanGaps: spec.kind !== "faint" && spec.kind !== "mean",
      points: {
        // Dots are evaluations. A line of one step would be invisible without one.
        show: dots ? true : (plot, i) => plot.data[i].filter((value) => value != null).length === 1,
        size: 7,
        fill: stroke,
      },
    };
  }

  function range(chart) {
    if (chart.scale === "SHARE") return [0, 1];
    return (plot, low, high) => {
      if (low == null) return [0, 1];
      // Rare far points would flatten the whole run; whoever zooms in sees them in full.
      const [from, to] = plot.series[0].idxs;
      const whole = from === 0 && to === plot.data[0].length - 1;
      if (chart.core && whole) {
        low = chart.core[0];
        high = chart.core[1];
      }
      if (chart.scale === "ZERO") {
        low = Math.min(low, 0);
        high = Math.max(high, 0);
      }
      const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
      return [low - room, high + room];
    };
  }

  // What a value is to be compared with: no change, or a coin.
  const MARK = { ZERO: 0, SHARE: 0.5 };

  function mark(plot, value) {
    const at = Math.round(plot.valToPos(value, "y", true)) + 0.5;
    plot.ctx.save();
    plot.ctx.strokeStyle = colour("quiet");
    plot.ctx.beginPath();
    plot.ctx.moveTo(plot.bbox.left, at);
    plot.ctx.lineTo(plot.bbox.left + plot.bbox.width, at);
    plot.ctx.stroke();
    plot.ctx.restore();
  }

  function axis(extra) {
    const line = { stroke: colour("line"), width: 1 };
    const font = "12px system-ui, sans-serif";
    return Object.assign({ stroke: colour("quiet"), grid: line, ticks: line, font: font, labelFont: font, labelSize: 18, labelGap: 2 }, extra);
  }

  // The keys show the values under the pointer, and the last ones when it has gone.
  function follow(chart, figure, write) {
    const values = figure.querySelectorAll(".keys b");
    const places = keyed(chart);
    return (plot) => {
      const at = plot.cursor.idx;
      values.forEach((value, i) => {
        const shown = at == null ? null : plot.data[places[i]][at];
        value.textContent = at == null ? chart.series[places[i] - 1].last : shown == null ? "–" : write(shown);
      });
    };
  }

  function options(chart, figure, width) {
    const write = chart.scale === "SHARE" ? percent : brief;
    return {
      width: width,
      height: HEIGHT,
      legend: { show: false },
      cursor: { sync: { key: sync.key, scales: ["x", null] }, drag: { x: true, y: false } },
      scales: {
        x: { time: false, range: (plot, low, high) => (low === high ? [low - 1, high + 1] : [low, high]) },
        y: { range: range(chart) },
      },
      axes: [
        axis({ label: "optimiser step", incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6], size: 30 }),
        axis({ label: chart.unit, values: (plot, ticks) => ticks.map(write), size: room }),
      ],
      series: [{ label: "step" }].concat(chart.series.map(series)),
      bands: bands(chart),
      hooks: {
        drawAxes: chart.scale in MARK ? [(plot) => mark(plot, MARK[chart.scale])] : [],
        setCursor: [follow(chart, figure, write)],
      },
    };
  }

  // As wide as the longest number beside it, so that the axis's title stands clear of them.
  function room(plot, values) {
    return 16 + 7 * Math.max(4, ...(values || []).map((value) => String(value).length));
  }

  function draw() {
    plots.forEach((plot) => plot.destroy());
    plots = charts.map((chart, i) => {
      const place = figures[i].querySelector(".plot");
      const data = chart.tables.length === 1 ? chart.tables[0] : uPlot.join(chart.tables);
      const plot = new uPlot(options(chart, figures[i], place.clientWidth), data, place);
      sync.sub(plot);
      return plot;
    });
  }

  // An odd number of charts would leave a hole: the first, the loss, takes a whole row.
  if (charts.length % 2 === 1 && charts.length > 0) figures[0].classList.add("wide");
  draw();
  const sizes = new ResizeObserver(() =>
    plots.forEach((plot, i) => {
      const width = figures[i].querySelector(".plot").clientWidth;
      if (width !== plot.width) plot.setSize({ width: width, height: HEIGHT });
    })
  );
  sizes.observe(document.querySelector(".charts"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
