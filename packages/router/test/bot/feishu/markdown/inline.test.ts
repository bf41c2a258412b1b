import { expect, test } from 'vitest';
import { escapeCardText } from '../../../../src/bot/feishu/markdown/elements.ts';
import { escapeInline } from '../../../../src/bot/feishu/markdown/inline.ts';

const written = (text: string) => escapeInline(text, '&#60;');

test.each([
  ['a mention', '<at id=all></at>', '&#60;at id=all>&#60;/at>'],
  ['a mention with blanks', '<  / at>', '&#60;  / at>'],
  ['a colour', '<font color=red>x</font>', '&#60;font color=red>x&#60;/font>'],
  ['a person', "<person id='ou_x'></person>", "&#60;person id='ou_x'>&#60;/person>"],
  ['a tag that nobody knows', '<Whatever>', '&#60;Whatever>'],
  ['a comment', '<!-- x -->', '&#60;!-- x -->'],
  ['a tag behind a backslash', '\\<at id=all>', '&#60;at id=all>'],
  ['a tag behind two backslashes', '\\\\<at id=all>', '\\\\&#60;at id=all>'],
  ['a comparison', 'a < b, a <= b, a <3, a << b, a<-b', 'a < b, a <= b, a <3, a << b, a<-b'],
  ['an entity', '&lt;at id=all&gt; &amp; &#60;', '&lt;at id=all&gt; &amp; &#60;'],
  ['a name with @', '@all, @alice', '@all, @alice'],
  ['code', '`<div>` and ``a ` <b>``', '`<div>` and ``a ` <b>``'],
  ['a mention in code', '`<at id=all>`', '`＜at id=all>`'],
  ['a tag behind a backtick without another', '`<i>', '`&#60;i>'],
  ['a tag between backticks that are no code', '\\`<i>`', '\\`&#60;i>`'],
  ['a tag between runs of different lengths', '``<i>`', '``&#60;i>`'],
  ['a line break', 'a<br>b<br/>c<BR />d', 'a b c d'],
  ['code over two lines', '`<div>\n<p>` x\n> `a\n> b`', '`<div> <p>` x\n> `a b`'],
  ['code right behind an address', 'http://x.y/`<b>` www.x`<i>` a `<u>`', 'http://x.y/ `<b>` www.x `<i>` a `<u>`'],
  ['emphasis', '**a** _b_ ~~c~~', '**a** _b_ ~~c~~'],
])('%s', (_what, text, expected) => {
  expect(written(text)).toBe(expected);
});

test.each([
  ['to the web', '[a](https://x.y/z?q=1#f)', '[a](https://x.y/z?q=1#f)'],
  ['to mail', '[a](mailto:a@b.c)', '[a](mailto:a@b.c)'],
  ['with a title', '[a](http://x.y "the title")', '[a](http://x.y)'],
  ['with parentheses', '[a](https://x.y/b_(c))', '[a](https://x.y/b_%28c%29)'],
  ['in angle brackets', '[a](<https://x.y/a(b>)', '[a](https://x.y/a%28b)'],
  ['with a tag in it', '[a](https://x.y/<at/id=all>)', '[a](https://x.y/%3Cat/id=all%3E)'],
  ['without a label', '[](https://x.y)', '[https://x.y](https://x.y)'],
  ['by itself', '<https://x.y/a>', '[https://x.y/a](https://x.y/a)'],
  ['to a script', '[a](javascript:alert(1))', 'a (javascript:alert(1))'],
  ['to a script in disguise', '[a](&#106;avascript:x)', 'a (&#106;avascript:x)'],
  ['to the app', '[a](lark://x)', 'a (lark://x)'],
  ['to a file', '[a](src/b.ts:12)', 'a (src/b.ts:12)'],
  ['to a file that its label names', '[src/b.ts](src/b.ts)', 'src/b.ts'],
  ['within the text', '[a](#there)', 'a'],
  ['to a script with code in the label', '[`<b>`](vbscript:x)', '`<b>` (vbscript:x)'],
  ['of an image', '![a](https://x.y/z.png)', '[a](https://x.y/z.png)'],
  ['of an image by its key', '![a](img_v3_x)', 'a (img_v3_x)'],
  ['around a link', '[a [b](https://c) d](https://e)', 'a [b](https://c) d (https://e)'],
  ['of an image without a label', '![](img_v3_x)', ' (img_v3_x)'],
  ['of an image in a link', '[![a](img_v3_x)](https://x.y)', '[a (img_v3_x)](https://x.y)'],
  ['that is not closed', '[a](https://x.y', '[a] (https://x.y'],
  ['of an image that is not closed', '![a](img v3)', '!\\[a] (img v3)'],
  ['of an image behind an exclamation mark', '!![a](https://x.y)', '! [a](https://x.y)'],
  ['in what looks like the text of an image', '!![[a](https://x.y)](#b)', '! [a](https://x.y)'],
  ['made of what another leaves', '[a][(javascript:x)](#b)', '[a] (javascript:x)'],
  ['made around one that is left out', '[a][](#b)(javascript:x)', '[a]  (javascript:x)'],
  ['that ends in code', '[a `b](javascript:x)`', '[a `b] (javascript:x)`'],
  ['defined behind a line break', '<br>[a]: javascript:x', ' [a] : javascript:x'],
  ['defined elsewhere', '[a]: javascript:x\n> [b]: lark://x', '[a] : javascript:x\n> [b] : lark://x'],
  ['defined on two lines', '[a\nb]: javascript:x', '[a\nb] : javascript:x'],
  ['that is none', 'list[0]: a [INFO]: b', 'list[0]: a [INFO]: b'],
])('a link %s', (_what, text, expected) => {
  expect(written(text)).toBe(expected);
});

test('one line that says what it says has nothing that Markdown would read', () => {
  expect(escapeCardText('*a* _b_ `c` [d](e) <at id=all> | # ~f~ &lt; \\ g\nh\u202e')).toBe(
    '&#42;a&#42; &#95;b&#95; &#96;c&#96; &#91;d&#93;(e) ＜at id=all&#62; &#124; &#35; &#126;f&#126; &#38;lt; &#92; g h&#91;U+202E&#93;',
  );
});
