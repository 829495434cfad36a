// ws_demo.test.js - the page in a real browser: what a class will do with it.
//
//     BUILD_DIR=build node --test tests/browser/ws_demo.test.js   (scripts/test.sh runs it)
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { Demo, events, heard, join, launch, say, shoot, state, texts } from './demo.js';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

// A server for one test; every page that was opened must have been without faults.
async function withDemo(options, body) {
    const demo = await Demo.start({ options });
    const pages = [];
    try {
        await body(demo, async (settings) => pages[pages.push(await join(browser, demo, settings)) - 1]);
        for (const page of pages) assert.deepEqual(page.faults, []);
    } finally {
        for (const page of pages) await page.context().close();
        assert.equal(await demo.stop(), 0);
    }
}

test('two pages chat in real time', () => withDemo([], async (demo, open) => {
    const ada = await open({ name: 'Ada' }), bob = await open({ name: 'Bob' });
    await say(ada, 'good morning');
    await heard(bob, 'good morning');
    await say(bob, '早上好');
    await heard(ada, '早上好');
    assert.deepEqual(await texts(ada), ['good morning', '早上好']);
    assert.deepEqual(await texts(bob), await texts(ada));
    await ada.waitForFunction(() => /Ada[^]*Bob/.test(document.querySelector('#here').textContent));
    await shoot(ada, 'room-desktop');
}));

test('what is sent as HTML stays text', () => withDemo([], async (demo, open) => {
    const ada = await open({ name: 'Ada' }), bob = await open({ name: '<b>Bob</b>' });
    const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    await say(bob, evil);
    await heard(ada, evil);
    assert.equal(await ada.$$eval('#messages img, #messages script, #messages b, #here b', (all) => all.length), 0);
    assert.doesNotMatch(await ada.title(), /^[12]$/);
}));

test('the log shows open, message, error and close, and the page comes back', () => withDemo([], async (demo, open) => {
    const page = await open({ name: 'Ada' });
    await say(page, 'before');
    await heard(page, 'before');
    await page.click('#cut');
    await page.waitForSelector('#log .event[data-socket=room][data-event=close][data-code="1006"]');
    await page.waitForFunction(() => document.querySelectorAll('#log .event[data-socket=room][data-event=open]').length === 2,
        null, { timeout: 20000 });
    await state(page, 'OPEN');
    await say(page, 'after');
    await heard(page, 'after');
    assert.deepEqual(await texts(page), ['before', 'after']);
    await page.fill('#raw-hex', 'f1 02 68 69'); // a browser fires error when it is itself that fails the connection
    await page.click('#raw-send');
    await page.waitForSelector('#log .event[data-event=error]');
    const kinds = new Set(await page.$$eval('#log .event', (all) => all.map((one) => one.dataset.event)));
    assert.deepEqual([...kinds].sort(), ['close', 'error', 'message', 'open']);
    await shoot(page, 'life-cycle');
}));

test('a frame that breaks the rules ends only its own socket', () => withDemo([], async (demo, open) => {
    const page = await open({ name: 'Ada' });
    await page.fill('#raw-hex', 'f1 02 68 69');
    await page.click('#raw-send');
    await page.waitForSelector('#log .event[data-socket=raw][data-event=close][data-code="1006"]');
    assert.ok((await events(page, 'raw')).some((one) => one.event === 'error'));
    assert.ok(!(await events(page, 'room')).some((one) => one.event === 'close'));
}));

test('a close frame typed by hand is a close', () => withDemo([], async (demo, open) => {
    const page = await open({ name: 'Ada' });
    await page.fill('#raw-hex', '88 05 03 e8 62 79 65');
    await page.click('#raw-send');
    await page.waitForSelector('#log .event[data-socket=raw][data-event=close][data-code="1000"]');
    assert.ok(!(await events(page, 'raw')).some((one) => one.event === 'error'));
}));

test('a server that is killed and started again loses and doubles nothing', async () => {
    const directory = mkdtempSync(`${tmpdir()}/ws_demo-`);
    const options = ['--history', `${directory}/history.db`];
    let demo = await Demo.start({ options });
    const pages = [await join(browser, demo, { name: 'Ada' }), await join(browser, demo, { name: 'Bob' })];
    try {
        const expected = [];
        for (let round = 0; round < 3; round++) {
            for (let number = 0; number < 5; number++) {
                expected.push(`${round}.${number}`);
                await say(pages[number % 2], expected.at(-1)); // the last ones may be under way when it is killed
            }
            const { port } = demo;
            await demo.stop('SIGKILL');
            expected.push(`while it is gone ${round}`);
            await say(pages[0], expected.at(-1));
            demo = await Demo.start({ port, options });
            for (const page of pages) await state(page, 'OPEN');
        }
        await say(pages[1], 'the end');
        for (const page of pages) {
            await heard(page, 'the end');
            for (const text of expected) await heard(page, text);
            assert.deepEqual((await texts(page)).sort(), [...expected, 'the end'].sort());
        }
        assert.deepEqual(await texts(pages[0]), await texts(pages[1]));
    } finally {
        for (const page of pages) await page.context().close();
        await demo.stop();
        rmSync(directory, { recursive: true });
    }
});

test('a server that has forgotten says so', async () => {
    let demo = await Demo.start();
    const page = await join(browser, demo, { name: 'Ada' });
    await say(page, 'old');
    await heard(page, 'old');
    const { port } = demo;
    await demo.stop('SIGKILL');
    demo = await Demo.start({ port });
    try {
        await page.waitForFunction(() => [...document.querySelectorAll('#messages .note')]
            .some((note) => note.textContent.startsWith('The server is a new one')), null, { timeout: 20000 });
        await say(page, 'new');
        await heard(page, 'new');
        assert.deepEqual(await texts(page), ['old', 'new']);
    } finally {
        await page.context().close();
        await demo.stop();
    }
});

test('offline and back: what was missed comes', () => withDemo([], async (demo, open) => {
    const ada = await open({ name: 'Ada' }), bob = await open({ name: 'Bob' });
    await ada.click('#offline');
    await state(ada, 'OFFLINE');
    for (const text of ['one', 'two', 'three']) await say(bob, text);
    await heard(bob, 'three');
    assert.deepEqual(await texts(ada), []);
    await ada.click('#offline');
    await heard(ada, 'three');
    assert.deepEqual(await texts(ada), ['one', 'two', 'three']);
}));

test('the handshake is computed and found right', () => withDemo([], async (demo, open) => {
    const page = await open({ name: 'Ada' });
    await page.waitForSelector('#accept-check[data-ok=true]', { state: 'attached' });
    assert.match(await page.textContent('#handshake-request'), /^GET \/room\?/);
    assert.match(await page.textContent('#handshake-response'), /^HTTP\/1\.1 101 /);
    await say(page, 'a frame');
    await heard(page, 'a frame');
    for (const direction of ['in', 'out']) {
        await page.waitForSelector(`#frames .frame[data-direction=${direction}]`, { state: 'attached' });
    }
}));

test('polling, long polling, WebSocket: the same feed, and what it costs', () => withDemo([], async (demo, open) => {
    const page = await open({ name: 'Ada' });
    await page.selectOption('#poll-interval', { value: '500' });
    await page.click('#poll-start');
    await page.waitForFunction(() => ['poll', 'long', 'ws'].every((way) =>
        Number(document.querySelector(`#meter-${way}`).dataset.events) >= 6), null, { timeout: 30000 });
    const [poll, long, ws] = await Promise.all(['poll', 'long', 'ws'].map((way) =>
        page.$eval(`#meter-${way}`, (one) => Object.fromEntries(Object.entries(one.dataset).map(([k, v]) => [k, Number(v)])))));
    assert.ok(ws.bytes < long.bytes && long.bytes < poll.bytes, JSON.stringify({ poll, long, ws }));
    assert.ok(ws.requests === 1 && long.requests >= long.events && poll.requests > poll.events);
    assert.ok(ws.delay < poll.delay, JSON.stringify({ poll, ws }));
    await shoot(page, 'polling');
}));

test('a reader that stops reading is cut off, one that reads is not', () => withDemo([], async (demo, open) => {
    const page = await open({ name: 'Ada' });
    await page.click('#slow-start');
    await page.waitForSelector('#log .event[data-socket=flood][data-event=close][data-code="1006"]', { timeout: 30000 });
    await page.click('#fast-start');
    await page.waitForSelector('#log .event[data-socket=flood][data-event=close][data-code="1000"]', { timeout: 30000 });
    assert.ok(!(await events(page, 'room')).some((one) => one.event === 'close'));
}));

test('nothing overflows, in either language, on a phone and on a projector', () => withDemo([], async (demo, open) => {
    for (const [width, lang] of [[390, 'en'], [390, 'zh'], [1280, 'zh'], [1920, 'en']]) {
        const page = await open({ name: 'Ada', viewport: { width, height: 900 }, lang });
        await say(page, 'a long word: ' + 'x'.repeat(300));
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${width} ${lang}`);
        assert.equal(await page.evaluate(() => document.documentElement.lang.slice(0, 2)), lang);
        await shoot(page, `page-${width}-${lang}`);
    }
}));

test('two messages by the keyboard alone', () => withDemo([], async (demo, open) => {
    const page = await open({ name: 'Ada' });
    await page.focus('#say-text');
    await page.keyboard.type('hello');
    await page.keyboard.press('Enter');
    await heard(page, 'hello');
    await page.keyboard.type('again');
    await page.keyboard.press('Enter');
    await heard(page, 'again');
}));
