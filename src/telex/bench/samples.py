"""Answers as models write them."""

CODE_ANSWER = """\
To read a file line by line in Python, use a **context manager**:

```python
def read(path: str) -> list[str]:
    with open(path) as handle:
        return [line.rstrip("\\n") for line in handle]  # `**not bold**`
```

Then call `read("notes.txt")`. A few notes:

- `open` defaults to *text mode*; pass `"rb"` for **bytes**.
- Never write `f.read().split('\\n')` for *huge* files.

> **Tip:** use `pathlib.Path.read_text()` when the file is small.
"""

TABLE = """\
Here is a comparison:

| Feature | Python | Rust |
|:--------|:------:|-----:|
| Typing | dynamic | **static** |
| Speed | `slow` | fast |
| A \\| B | ~~old~~ | [docs](https://doc.rust-lang.org) |

Both are *great* choices.
"""

WIDE_TABLE = """\
| Model | Strengths | Weaknesses | When to use it |
|---|---|---|---|
| **Small** | Runs on a laptop, cheap, answers quickly | Forgets what was said long ago | Drafts, summaries of short texts |
| **Large** | Knows a lot and reasons in many steps | Slow and expensive | Hard questions with `code` and [sources](https://example.org/a) |

That is all.
"""

NESTED_LISTS = """\
### Plan

1. **Prepare** the ground
   - remove stones
   - add *compost*
     - two buckets per metre
     - mix `well`
   - water it
2. **Plant** the seeds:
   ```text
   depth: 2 cm
   gap:   10 cm
   ```
3. Wait

   A second paragraph of the third item.
4. Harvest

- [x] bought seeds
- [ ] bought **tools**
* another list
+ and one more
"""

MATH = """\
The quadratic formula is

$$
x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}
$$

where $a \\neq 0$ and \\(b, c \\in \\mathbb{R}\\). For $a_1 * a_2 * a_3$ the product is

\\[
\\prod_{i=1}^{3} a_i
\\]

It costs $5, not $10. And 2 * 3 * 4 = 24, or 2**3 = 8.
"""

CHINESE = """\
**重点：**这是一个**重要**的概念，请参考[文档](https://example.com/文档)。

1. **第一步：**打开`终端`
2. **第二步：**运行“**测试**”命令

| 名称 | 价格 |
|------|-----:|
| 苹果 | 5元 |
| 西瓜汁 | 12元 |

> 注意：~~旧版本~~已废弃。
"""

RTL = """\
**שלום עולם** - זה *מבחן* של `קוד` בתוך טקסט.

- פריט **ראשון**
- פריט שני עם [קישור](https://example.org)

النص العربي **غامق** و*مائل*.
"""

EMOJI = """\
## 👨‍👩‍👧‍👦 Family plan 🎉

- 👍🏽 **thumbs 👍🏿 up**
- 🇩🇪 flag and 🏴󠁧󠁢󠁥󠁮󠁧󠁿 *flag*
- ☑️ `code 🎈` and ~~gone 🎈~~ and :smile:

| emoji | meaning |
|---|---|
| 🎉 | party |
| 👨‍👩‍👧 | family |
"""

LINKS = """\
See [the docs](https://example.com/docs?q=1&r=2 "Docs"), <https://example.org/path>, and https://bare.example/x_y_z.
An image: ![A cat](https://example.com/cat.png). A mail: [write](mailto:me@example.com). Not a link: [here](./file.md).
Brackets [1], [2, 3] and array[0] stay. A [link with **bold** and `code`](https://example.com/a_(b)) ends it.

Footnote here[^1].

[^1]: The note with *emphasis*.
"""

QUOTES = """\
As she said:

> The first line of **the quote
> that goes on** over lines.
>
> > And a nested one with `code`.
>
> - a list
> - in a quote
>
> ```sh
> echo "in a quote"
> ```

After the quote.

> [!NOTE]
> Mind the gap.
"""

SPOILERS = """\
The killer is ||the **gardener**||, and in code `a || b` it is not. So `||x||` stays.

||A whole line|| and a || b || c stay apart.
"""

HTML = """\
Press <kbd>Ctrl</kbd>+<kbd>C</kbd>. Water is H<sub>2</sub>O.<br>New line with <b>bold</b> and <u>underline</u>.

<details>
<summary>More</summary>

Hidden **text** here.

</details>

<!-- a comment -->
A `Vec<T>` is generic; so is Option<T> and x < y && y > z. AT&T &amp; &copy; R&D.
"""

HEADINGS = """\
# Title with `code`

Setext heading
==============

Another one
-----------

## Second *level*
Text right under it.

---

#### Fourth
***bold and italic*** then ___both___ then **bold *nested italic* bold** and *italic **nested bold***.
"""

SNAKE = """\
Use snake_case_names and __init__ methods; call `my_func(*args, **kwargs)`. Escaped \\*stars\\* and \\_underscores\\_.
The file is a_b_c.txt. About ~5 to ~6 km. 100% sure; #hashtag and C# are fine. 5 > 3.
1986\\. A great year. Ends with a colon: *italic*.
"""

FENCES = """\
~~~markdown
# Not a heading
```js
let x = `a${b}`;
```
~~~

````md
```py
print("**")
```
````

1. Step one:

   ```bash
   pip install "telex[local]"
   # | not | a | table |
   ```

2. Step two

    indented_code = **1**

```
no language
```
"""

SHORT = "Yes. **42** is right!"

PLAIN = """\
This is a long plain answer. It has no markup at all, just sentences - with dashes -- and "quotes", (brackets)
and line breaks. Numbers: 1. 2. 3. Percent: 5%. Tilde ~. Star at the end.

Second paragraph; nothing special; e.g. this.
"""

DIFF = """\
Apply this patch:

```diff
- old **line**
+ new line
@@ -1,3 +1,4 @@
```

* first point: `x = [1, 2]`
* second point: **`bold code`** and *`italic code`*
* third: [`os.path`](https://docs.python.org/3/library/os.path.html)
"""

MIXED_LANGUAGES = """\
日本語の**太字**と*斜体*、そして`コード`。한국어 **굵게** 그리고 ~~취소선~~.
Ελληνικά **έντονα**, русский **жирный** и *курсив*: ||спойлер||.

1) erste Zeile
2) zweite Zeile mit **Fettdruck:** und mehr
"""

STEPS = """\
Sure! Here's how to do it:

**Step 1: Install**

Run the following:

```bash
npm install -g foo_bar
```

**Step 2: Configure**

Edit `config.json`:

```json
{
  "name": "x",
  "values": [1, 2, 3]
}
```

| Option | Default |
| --- | --- |
| `name` | *none* |

**Note:** *this* is ***important***!
"""

LOOSE = """\
The reasons are:

- **Cost.** It is cheap.

- **Speed.** It is
  fast, as `bench` shows.

  > quoted inside

- **Size.** Small.

10. ten
11. eleven
    1. sub one
    2. sub two
"""

ALL = {name: value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str)}
