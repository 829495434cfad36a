// build.test.js - what build.py puts into the file, and what no longer is in it. No browser.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { after, test } from 'node:test';
import { build, fixture, root } from './page.js';

const made = build();
after(() => made.remove());

const inside = (id) => JSON.parse(new RegExp(`<script type="application/json" id="${id}">([^]*?)</script>`)
    .exec(made.text)[1]);

test('the data and the sources are in it as they were', () => {
    assert.deepEqual(inside('data'), fixture());
    assert.equal(inside('sources-data').rows[0].name, 'conn_recv');
});

test('no sources and no charts are no fault', () => {
    const bare = build({ sources: null, charts: false });
    bare.remove();
    assert.match(bare.text, /id="sources-data">null</);
    assert.doesNotMatch(bare.text, /<svg/);
});

test('every module can be imported by its name', () => {
    const { imports } = JSON.parse(/id="modules">([^]*?)<\/script>/.exec(made.text)[1]);
    const files = readdirSync(`${root}scripts/report/js`).filter((name) => name.endsWith('.js'));
    assert.deepEqual(Object.keys(imports).sort(), files.map((name) => `report/${name.slice(0, -3)}`).sort());
    for (const url of Object.values(imports)) assert.match(url, /^data:text\/javascript;charset=utf-8;base64,/);
});

test('nothing is loaded from anywhere', () => {
    const page = made.text.replace(/<script type="application\/json"[^]*?<\/script>/g, '');
    assert.doesNotMatch(page, /(?:src|href|url\()\s*=?\s*["']?(?:https?:|\/\/|\.\/|\/)/i);
    assert.ok(made.text.length < 3e6, `${made.text.length} characters`);
    assert.match(page, /default-src 'none'/);
});

test('charts have no script, no prolog, and ids of their own', () => {
    const drawings = /<template id="drawings">([^]*?)<\/template>/.exec(made.text)[1];
    assert.equal([...drawings.matchAll(/<svg data-chart="/g)].length, fixture().charts.length);
    assert.doesNotMatch(drawings, /<script|<\?xml|<!DOCTYPE|\son\w+=|gnuplot_svg/i);
    const ids = [...drawings.matchAll(/\sid=["']([^"']+)["']/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);
    const asked = [...drawings.matchAll(/(?:href=["']#|url\(["']?#)([^"')]+)/g)].map(([, id]) => id);
    assert.deepEqual([...new Set(asked)].filter((id) => !ids.includes(id)), []);
});

test('a hover text is a title, whatever is in it', () => {
    const [drawing] = /<svg data-chart="memory"[^]*?<\/svg>/.exec(made.text);
    const texts = [...drawing.matchAll(/<g class="hover" tabindex="0"><title>([^<]*)<\/title>/g)]
        .map(([, text]) => text);
    const expected = ['bio, 1 client: it&#x27;s &lt;2&gt; &amp; &quot;more&quot;',
        'aio, 10 clients:\n3 messages/s，每秒 3 条', 'nio, 100 clients: 4 messages/s'];
    assert.deepEqual(texts.filter((text) => expected.includes(text)), expected); // of hover.svg; the others have their own
});

test('what cannot be read is said in one line', () => {
    const command = [`${root}scripts/report/build.py`, '/tmp/never.html', '/no/such.json'];
    const { status, stderr } = spawnSync('python3', command, { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /^build\.py: .*no\/such\.json.*\n$/);
});
