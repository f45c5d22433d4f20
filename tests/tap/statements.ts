/** Statements of SQL that are made up by chance. Every literal and comment in them holds a word by which it is known. */
export const CANARY = "canary";

export type Dialect = "postgresql" | "mysql";

type Random = () => number;

/**
 * A statement. `structure` decides what it asks; `content` which literals, comments and spaces it has, and how long its lists are: those
 * that differ in this only have one shape.
 */
export function statement(dialect: Dialect, structure: Random, content: Random = structure): string {
  const one = <Value>(random: Random, values: readonly Value[]) => values[Math.floor(random() * values.length)]!;
  const literal = () => one(content, LITERALS[dialect])(Math.floor(content() * 1e6));
  const space = () => one(content, dialect === "mysql" ? MYSQL_SPACES : SPACES);
  const list = (item: () => string) => Array.from({ length: 1 + Math.floor(content() * 5) }, item).join(`,${space()}`);
  const name = () => one(structure, dialect === "mysql" ? MYSQL_NAMES : NAMES);
  const keyword = (word: string) => (content() < 0.3 ? word.toLowerCase() : word);
  const condition = (): string => {
    const kinds = [
      () => `${name()} ${one(structure, ["=", "<>", ">=", "LIKE"])} ${literal()}`,
      () => `${name()} ${keyword("IN")} (${list(literal)})`,
      () => `(${name()}, ${name()}) ${keyword("IN")} (${list(() => `(${literal()}, ${literal()})`)})`,
      () => `${name()} ${keyword("BETWEEN")} ${literal()} ${keyword("AND")} ${literal()}`,
      () => `${name()} ${keyword("IS NOT NULL")}`,
      () => `f(${name()}, ${literal()}) < ${literal()}`,
    ];
    return one(structure, kinds)();
  };
  const where = () => `${keyword("WHERE")}${space()}${condition()}${space()}${keyword("OR")} ${condition()}`;
  const rows = () => list(() => `(${literal()}, ${literal()},${space()}now())`);
  const kinds = [
    () => `${keyword("SELECT")}${space()}${name()}, ${literal()} ${keyword("FROM")} t${space()}${where()}`,
    () => `${keyword("INSERT INTO")} t (a,b, c)${space()}${keyword("VALUES")} ${rows()}`,
    () => `${keyword("UPDATE")} t ${keyword("SET")} a = ${literal()},${space()}b = ${literal()}${space()}${where()}`,
    () => `${keyword("DELETE FROM")} t${space()}${where()};${space()}`,
  ];
  return space() + one(structure, kinds)() + space();
}

const NAMES = ["id", "name", "o.total", '"Order"', '"a-b"."c"', "größe"];
const MYSQL_NAMES = ["id", "name", "o.total", "`Order`", "`a-b`.`c`", "größe"];

const SPACES = [" ", "  ", "\n\t", ` /* ${CANARY} ' " */ `, ` -- ${CANARY} ' $$\n`, ` /* /* */ ${CANARY} */ `, " --\n"];
const MYSQL_SPACES = [" ", "  ", "\n\t", ` /* ${CANARY} ' " \` */ `, ` -- ${CANARY} ' \n`, ` # ${CANARY} "\n`, " --\n"];

const COMMON = [
  (n: number) => `'${CANARY}${n}'`,
  (n: number) => `'${CANARY}''${n} ${CANARY}'`,
  (n: number) => `'-- ${CANARY} /* ${n}'`,
  (n: number) => `'"${CANARY}", $$ \` ${n}'`,
  (n: number) => `'é${CANARY}表${n}'`,
  (n: number) => `${n}`,
  (n: number) => `-${n}.5e-3`,
  (n: number) => `x'${n}'`,
  (n: number) => `0x${n}abc`,
  () => "''",
  () => "NULL",
];

const LITERALS: Readonly<Record<Dialect, readonly ((n: number) => string)[]>> = {
  postgresql: [
    ...COMMON,
    (n) => `E'${CANARY}\\'${CANARY} ${n}\\\\'`,
    (n) => `e'\\\\${n}'\n'${CANARY}\\'${CANARY}'`,
    (n) => `$$${CANARY} ' ${n}$$`,
    (n) => `$tag$${CANARY} $$ $tag ${n}$tag$`,
    (n) => `U&'${CANARY}\\0041${n}'`,
    (n) => `'C:\\${CANARY}${n}\\'`,
    (n) => `$${n}`,
    () => "true",
  ],
  mysql: [
    ...COMMON,
    (n) => `'${CANARY}\\'${CANARY} ${n}\\\\'`,
    (n) => `"${CANARY}' ${n}"`,
    (n) => `"${CANARY}""${CANARY}\\" ${n}"`,
    (n) => `N'${CANARY}${n}'`,
    () => "?",
  ],
};
