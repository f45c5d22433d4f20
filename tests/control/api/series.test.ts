/** Series over both APIs: the same questions, the same answers, the same refusals. */
import { status } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Attribute, End, FilterOperator, Measure } from "#proto/stats.ts";
import type { Filter, GetSeriesResponse, Grouping, GetSeriesRequest } from "#proto/stats.ts";
import { toSeriesResponse } from "../../../control/api/get-series.ts";
import type { SeriesTold } from "../../../control/api/series-answers.ts";
import { type BothApis, plain, refusal, startBoth, violation } from "./fixture-both.ts";
import { loud } from "../../loud.ts";

const series = suite("Series over both APIs");
const SECOND = 1_000;

let both: BothApis;
/** Ten seconds that are in the history, and two more. */
let fromMs: number;
let toMs: number;

series.before(
  loud(async () => {
    both = await startBoth();
    fromMs = both.thenMs - 10 * SECOND;
    toMs = both.thenMs + 2 * SECOND;
  }),
);

series.after(() => both.close());

function grpc(request: Partial<GetSeriesRequest> = {}): Promise<GetSeriesResponse> {
  const asked = { from: new Date(fromMs), to: new Date(toMs), step: { seconds: 1, nanos: 0 } };
  return both.grpc.series({ ...asked, ...request });
}

/** Asks in the words of a URL: "groupBy=route". */
function http(...parameters: readonly string[]): Promise<SeriesTold> {
  const given = parameters.map((parameter) => {
    const [name = "", ...value] = parameter.split("=");
    return [name, value.join("=")] as const;
  });
  const asked = [
    ["from", String(fromMs)],
    ["to", String(toMs)],
    ["step", "1000"],
  ] as const;
  return both.http("series", [...asked.filter(([name]) => given.every(([other]) => other !== name)), ...given]);
}

const by = (attribute: Attribute, end = End.END_UNSPECIFIED): Grouping => ({ attribute, end });
const where = (attribute: Attribute, value: string, more: Partial<Filter> = {}): Filter => {
  return { attribute, value, end: End.END_UNSPECIFIED, operator: FilterOperator.FILTER_OPERATOR_EQUALS, ...more };
};
const not = FilterOperator.FILTER_OPERATOR_NOT_EQUALS;
const matches = FilterOperator.FILTER_OPERATOR_MATCHES;
const notMatches = FilterOperator.FILTER_OPERATOR_NOT_MATCHES;
const { ATTRIBUTE_ROUTE, ATTRIBUTE_WORKLOAD, ATTRIBUTE_PROTOCOL, ATTRIBUTE_KIND, ATTRIBUTE_METHOD } = Attribute;

const ASKED: readonly (readonly [Partial<GetSeriesRequest>, readonly string[]])[] = [
  [{}, []],
  [{ groupBy: [by(ATTRIBUTE_WORKLOAD)] }, ["groupBy=workload"]],
  [
    { groupBy: [by(Attribute.ATTRIBUTE_NAMESPACE, End.END_CLIENT), by(ATTRIBUTE_ROUTE)], top: 1 },
    ["groupBy=client.namespace", "groupBy=route", "top=1"],
  ],
  [
    {
      groupBy: [
        by(ATTRIBUTE_WORKLOAD, End.END_CLIENT),
        by(ATTRIBUTE_KIND),
        by(ATTRIBUTE_PROTOCOL),
        by(ATTRIBUTE_METHOD),
      ],
      rankBy: Measure.MEASURE_BYTES,
    },
    ["groupBy=client.workload", "groupBy=kind", "groupBy=protocol", "groupBy=method", "rankBy=bytes"],
  ],
  [
    { groupBy: [by(ATTRIBUTE_ROUTE)], rankBy: Measure.MEASURE_LATENCY, top: 2, percentiles: [0.5, 0.999] },
    ["groupBy=route", "rankBy=latency", "top=2", "percentile=0.5", "percentile=0.999"],
  ],
  [{ filters: [where(ATTRIBUTE_WORKLOAD, "orders", { end: End.END_CLIENT })] }, ["filter=client.workload=orders"]],
  [
    {
      filters: [
        where(ATTRIBUTE_ROUTE, "^/cards", { operator: matches }),
        where(ATTRIBUTE_PROTOCOL, "tcp", { operator: not }),
      ],
    },
    ["filter=route~^/cards", "filter=protocol!=tcp"],
  ],
  [
    { filters: [where(ATTRIBUTE_ROUTE, "[{]id", { operator: notMatches })], groupBy: [by(ATTRIBUTE_ROUTE)] },
    ["filter=route!~[{]id", "groupBy=route"],
  ],
  [{ filters: [where(ATTRIBUTE_PROTOCOL, "tcp")] }, ["filter=protocol=tcp"]],
  [
    { slowerThan: { seconds: 0, nanos: 12_500_000 }, groupBy: [by(ATTRIBUTE_ROUTE)] },
    ["slowerThan=12.5", "groupBy=route"],
  ],
  [
    { filters: [where(ATTRIBUTE_ROUTE, "/"), where(ATTRIBUTE_ROUTE, "/cards/{id}")] },
    ["filter=route=/", "filter=route=/cards/{id}"],
  ],
  [
    { step: { seconds: 5, nanos: 0 }, rankBy: Measure.MEASURE_ERROR_SHARE, groupBy: [by(ATTRIBUTE_WORKLOAD)] },
    ["step=5000", "rankBy=errorShare", "groupBy=workload"],
  ],
];

for (const [request, parameters] of ASKED) {
  series(`${parameters.join(" ") || "everything"}: both APIs say the same`, async () => {
    const told = await http(...parameters);
    assert.equal(plain(await grpc(request)), plain(toSeriesResponse(told)));
    assert.ok(told.series.every(({ points }) => points.length === Math.ceil((toMs - fromMs) / told.stepMs)));
  });
}

series("steps of whole minutes begin on the minute, and count what lies in the range", async () => {
  const whole = await grpc();
  const { from, step, series: told } = await grpc({ step: { seconds: 60, nanos: 0 } });
  assert.equal([from, step], [new Date(fromMs), { seconds: 60, nanos: 0 }]);
  const minuteMs = 60 * SECOND;
  const firstMs = Math.floor(fromMs / minuteMs) * minuteMs;
  const points = told[0]!.points;
  assert.equal(
    points.map(({ at }) => at?.getTime()),
    Array.from({ length: Math.ceil((toMs - firstMs) / minuteMs) }, (_, at) => firstMs + at * minuteMs),
  );
  assert.is(told[0]!.total!.requests, whole.series[0]!.total!.requests);
  assert.is(
    points.reduce((sum, { requests }) => sum + requests, 0),
    told[0]!.total!.requests,
  );
});

/** Labels and requests of each series. */
function counted({ series: told }: GetSeriesResponse): unknown[] {
  return told.map(({ labels, isRest, total }) => [isRest ? "rest" : labels.join(" "), total?.requests]);
}

series("series are told by group, the first by errors, and what is left", async () => {
  const asked = { groupBy: [by(ATTRIBUTE_WORKLOAD, End.END_CLIENT), by(ATTRIBUTE_ROUTE)], top: 2 };
  const answer = await grpc({ ...asked, rankBy: Measure.MEASURE_ERRORS });
  assert.equal(counted(answer), [
    ["shop/front-end /cards/{id}", 100],
    ["external/internet /", 400],
    ["rest", 310],
  ]);
  assert.is(answer.groupCount, 5);
  const [cards] = answer.series;
  assert.equal([cards!.total!.serverErrors, cards!.points.length, cards!.points[3]!.serverErrors], [40, 12, 4]);
  assert.equal(cards!.points[11]!.latencySeconds, [], "nothing was timed");
  const [p50, , p99] = cards!.total!.latencySeconds;
  assert.ok(Math.abs(p50! - 0.01) <= 1e-4 && Math.abs(p99! - 0.03) <= 3e-4, `${p50} and ${p99}`);
});

series("a question and its negation share out the whole", async () => {
  const requests = async (...parameters: string[]): Promise<number> =>
    (await grpc(ASKED.find(([, words]) => words.join() === parameters.join())?.[0])).series[0]!.total!.requests;
  const [whole] = (await grpc()).series;
  const route = where(ATTRIBUTE_ROUTE, "^/cards/");
  for (const operator of [matches, notMatches]) {
    const { series: told } = await grpc({ filters: [{ ...route, operator }] });
    assert.is(told[0]!.total!.requests, operator === matches ? 200 : whole!.total!.requests - 200);
  }
  assert.is(await requests("filter=route=/", "filter=route=/cards/{id}"), 0, "no endpoint has two routes");
});

series("the shorthand of HTTP is a filter by id", async () => {
  const one = await http("server=shop/user", "route=/cards/{id}", "groupBy=client.workload");
  assert.equal(
    one.series.map(({ labels, points }) => [...labels, points[0]!.outcomes.success]),
    [
      ["shop/front-end", 6],
      ["shop/orders", 10],
    ],
  );
  assert.equal((await http("server=user")).series[0]!.total.outcomes.success, 0);
});

series("lifetimes are those of TCP alone", async () => {
  const lifetime = async (...parameters: string[]) =>
    (await http(...parameters)).series.map((each) => each.total.latencyMs[0]);
  const [closed] = await lifetime("protocol=tcp");
  assert.ok(Math.abs(closed! / 60_000 - 90) < 1, `${closed} ms`);
  assert.equal(await lifetime("filter=protocol=tcp"), [closed]);
  assert.equal(await lifetime("server=shop/user-db"), [undefined]);
  assert.equal((await lifetime("groupBy=protocol")).at(-1), closed);
});

series("what is wrong is named by its field, in either words", async () => {
  const second = { seconds: 1, nanos: 0 };
  const wrong: readonly (readonly [Partial<GetSeriesRequest>, string, readonly string[], string])[] = [
    [{ from: new Date(toMs) }, "from", [`from=${toMs}`], "from"],
    [{ to: new Date(-5) }, "to", ["to=-5"], "to"],
    [{ step: { seconds: 0, nanos: 5e8 } }, "step", ["step=500"], "step"],
    [{ from: new Date(toMs - 365 * 86_400_000), step: second }, "step", [`from=${toMs - 365 * 86_400_000}`], "step"],
    [
      { filters: [where(ATTRIBUTE_ROUTE, "/"), where(Attribute.ATTRIBUTE_HEALTH, "failing")] },
      "filters[1].attribute",
      ["filter=health=failing"],
      "filter",
    ],
    [
      { filters: [where(ATTRIBUTE_ROUTE, "(a", { operator: matches })] },
      "filters[0].value",
      ["filter=route~(a"],
      "filter",
    ],
    [
      { filters: [where(ATTRIBUTE_ROUTE, "(a{1,100}){1,10}", { operator: matches })] },
      "filters[0].value",
      ["filter=route~(a{1,100}){1,10}"],
      "filter",
    ],
    [
      { groupBy: [by(ATTRIBUTE_ROUTE), by(Attribute.ATTRIBUTE_UNSPECIFIED)] },
      "group_by[1].attribute",
      ["groupBy=colour"],
      "groupBy",
    ],
    [{ groupBy: [by(ATTRIBUTE_ROUTE, End.END_CLIENT)] }, "group_by[0].end", ["groupBy=client.route"], "groupBy"],
    [
      { groupBy: Array.from({ length: 5 }, () => by(ATTRIBUTE_ROUTE)) },
      "group_by",
      Array.from({ length: 5 }, () => "groupBy=route"),
      "groupBy",
    ],
    [{ top: 101 }, "top", ["top=101"], "top"],
    [{ slowerThan: { seconds: 0, nanos: 0 } }, "slower_than", ["slowerThan=0"], "slowerThan"],
    [{ slowerThan: { seconds: 86_401, nanos: 0 } }, "slower_than", ["slowerThan=86401000"], "slowerThan"],
    [{ rankBy: 99 as Measure }, "rank_by", ["rankBy=speed"], "rankBy"],
    [{ percentiles: [0.5, 1] }, "percentiles[1]", ["percentile=0.5", "percentile=1"], "percentile"],
    [{ percentiles: [NaN] }, "percentiles[0]", ["percentile=NaN"], "percentile"],
    [
      { percentiles: Array.from({ length: 9 }, () => 0.5) },
      "percentiles",
      Array.from({ length: 9 }, () => "percentile=0.5"),
      "percentile",
    ],
  ];
  for (const [request, field, parameters, parameter] of wrong) {
    const refused = await refusal(grpc(request));
    assert.is(refused.code, status.INVALID_ARGUMENT, `${field}: ${refused.message}`);
    assert.equal(violation(refused.metadata), [field, refused.details]);
    const told = await refusal(http(...parameters));
    assert.equal([told.status, told.field], [400, parameter], told.message);
  }
});

series("how many were slower than a limit adds up over steps and falls with the limit", async () => {
  const slowerThan = async (ms: number): Promise<number> => {
    const { total, points } = (await http(`slowerThan=${ms}`, "filter=protocol!=tcp")).series[0]!;
    const [timed, slower] = (["timed", "slower"] as const).map((one) =>
      points.reduce((sum, { slow }) => sum + slow![one], 0),
    );
    assert.equal(total.slow, { timed, slower });
    assert.ok(timed! > 0);
    return slower! / timed!;
  };
  const shares = [await slowerThan(0.001), await slowerThan(20), await slowerThan(86_400_000)];
  assert.ok(shares[0]! > shares[1]! && shares[1]! > shares[2]!, shares.join(" "));
  assert.is(shares[2], 0);
});

series("too much is refused with what to narrow", async () => {
  const long = { to: new Date(fromMs + 2_000 * SECOND), top: 100, groupBy: [by(ATTRIBUTE_ROUTE)] };
  const refused = await refusal(grpc(long));
  assert.equal([refused.code, /smaller top/.test(refused.details)], [status.RESOURCE_EXHAUSTED, true]);
  const told = await refusal(http(`to=${fromMs + 2_000 * SECOND}`, "top=100", "groupBy=route"));
  assert.equal([told.status, /smaller top/.test(told.message)], [422, true]);
});

series.run();
