// Colours for code: one small scanner for all languages, and for each language what a comment and a keyword is.

const words = (text) => new Set(text.split(" "));

const C_LIKE = { line: ["//"], block: [["/*", "*/"]], quotes: ["\"", "'"] };

const LANGUAGES = {
  python: {
    line: ["#"], block: [], quotes: ["\"\"\"", "'''", "\"", "'"],
    words: words("and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield None True False self"),
  },
  javascript: {
    ...C_LIKE, quotes: ["`", "\"", "'"],
    words: words("async await break case catch class const continue default delete do else enum export extends finally for from function if implements import in instanceof interface let new of private public readonly return static super switch this throw try type typeof var void while yield null undefined true false"),
  },
  json: { line: [], block: [], quotes: ["\""], words: words("true false null") },
  bash: {
    line: ["#"], block: [], quotes: ["\"", "'"],
    words: words("if then else elif fi for in do done while until case esac function return exit export local set unset source echo cd sudo"),
  },
  sql: {
    line: ["--"], block: [["/*", "*/"]], quotes: ["'"], fold: true,
    words: words("select from where and or not insert into values update set delete create table index view drop alter add primary key foreign references join left right inner outer on group by order having limit offset as distinct union all null is in between like exists case when then else end begin commit returning with"),
  },
  rust: {
    ...C_LIKE, quotes: ["\""],
    words: words("as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait true type unsafe use where while"),
  },
  go: {
    ...C_LIKE, quotes: ["`", "\"", "'"],
    words: words("break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var nil true false"),
  },
  java: {
    ...C_LIKE,
    words: words("abstract assert auto bool boolean break byte case catch char class const constexpr continue default delete do double else enum explicit extends final finally float for friend if implements import include inline instanceof int interface internal let long namespace new null nullptr operator override package private protected public return short signed sizeof static struct super switch synchronized template this throw throws try typedef typename union unsigned using val var virtual void volatile when while true false fun"),
  },
  yaml: { line: ["#"], block: [], quotes: ["\"", "'"], words: words("true false null yes no on off") },
  css: { line: [], block: [["/*", "*/"]], quotes: ["\"", "'"], words: words("important media import supports keyframes from to") },
  html: { line: [], block: [["<!--", "-->"]], quotes: ["\"", "'"], words: new Set(), tags: true },
};

const ALIASES = {
  py: "python", python3: "python", js: "javascript", jsx: "javascript", ts: "javascript", tsx: "javascript",
  typescript: "javascript", node: "javascript", jsonc: "json", sh: "bash", shell: "bash", zsh: "bash", console: "bash",
  rs: "rust", golang: "go", c: "java", "c++": "java", cpp: "java", cs: "java", csharp: "java", "c#": "java",
  kotlin: "java", kt: "java", swift: "java", yml: "yaml", toml: "yaml", ini: "yaml", scss: "css", xml: "html",
  svg: "html", postgresql: "sql", mysql: "sql", sqlite: "sql",
};

const WORD = /[\p{L}_$][\p{L}\p{N}_$-]*/uy;
const NUMBER = /(?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
const TAG = /<\/?[A-Za-z][\w:-]*|\/?>/y;

// The pieces of `code` that have a colour, as [kind, start, end], in order.
export function highlight(code, language) {
  const name = (language ?? "").toLowerCase();
  const rules = LANGUAGES[ALIASES[name] ?? name];
  if (!rules) return [];
  const pieces = [];
  let at = 0;
  while (at < code.length) {
    const [kind, end] = next(code, at, rules);
    if (kind) pieces.push([kind, at, end]);
    at = end;
  }
  return pieces;
}

function next(code, at, rules) {
  for (const mark of rules.line) {
    // "#" in the middle of a word (a shell's $#, a URL's fragment) begins no comment.
    if (code.startsWith(mark, at) && (mark !== "#" || at === 0 || /\s/u.test(code[at - 1]))) {
      return ["comment", until(code, "\n", at, 0)];
    }
  }
  for (const [open, close] of rules.block) {
    if (code.startsWith(open, at)) return ["comment", until(code, close, at + open.length, close.length)];
  }
  for (const quote of rules.quotes) {
    if (code.startsWith(quote, at)) return ["string", stringEnd(code, quote, at + quote.length)];
  }
  if (rules.tags) {
    const tag = match(TAG, code, at);
    if (tag) return ["keyword", at + tag.length];
  }
  const word = match(WORD, code, at);
  if (word) return [kindOfWord(word, code, at, rules), at + word.length];
  const number = match(NUMBER, code, at);
  if (number) return ["number", at + number.length];
  return [null, at + 1];
}

function kindOfWord(word, code, at, rules) {
  if (rules.words.has(rules.fold ? word.toLowerCase() : word)) return "keyword";
  if (code[at - 1] === "@") return "keyword";
  return code[at + word.length] === "(" ? "function" : null;
}

function match(pattern, code, at) {
  pattern.lastIndex = at;
  return pattern.exec(code)?.[0];
}

function until(code, mark, from, extra) {
  const found = code.indexOf(mark, from);
  return found < 0 ? code.length : found + extra;
}

function stringEnd(code, quote, from) {
  for (let at = from; at < code.length; at += 1) {
    if (code[at] === "\\") at += 1;
    else if (code.startsWith(quote, at)) return at + quote.length;
    // A quotation mark that is not closed on its line was an apostrophe, or the answer is still being written.
    else if (code[at] === "\n" && quote.length === 1 && quote !== "`") return at;
  }
  return code.length;
}
