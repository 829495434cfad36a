// page.test.js - the report in a real browser, opened from disk: what a class will see of it.
//
//     npm ci --prefix tests/browser && node --test tests/report/
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { build, fixture, launch, noBrowser, open, shoot } from './page.js';

const data = fixture();
const SECTIONS = ['glance', 'comparison', 'charts', 'api', 'exam', 'journey', 'sources', 'reliability', 'against'];
const visible = (page) => page.evaluate(() => document.body.innerText);

describe('the page', { skip: noBrowser() }, () => {
    let browser, made;
    before(async () => {
        made = build();
        browser = await launch();
    });
    after(async () => {
        await browser?.close();
        made?.remove();
    });

    // A page for one test, which must be without faults.
    async function withPage(options, body) {
        const page = await open(browser, options.file ?? made.out, options);
        try {
            await body(page);
            assert.deepEqual(page.faults, []);
        } finally {
            await page.context().close();
        }
    }

    for (const lang of ['en', 'zh']) {
        test(`every section is there, and says nothing odd: ${lang}`, () => withPage({ lang }, async (page) => {
            for (const id of SECTIONS) {
                assert.ok((await page.locator(`#${id} h2`).first().innerText()).trim(), id);
                assert.equal(await page.locator(`nav a[href="#${id}"]`).count(), 1, id);
            }
            await page.locator('details').evaluateAll((all) => all.forEach((one) => { one.open = true; }));
            const text = await visible(page);
            assert.doesNotMatch(text, /\bNaN\b|\bundefined\b|\bnull\b|\[object|\{\w+\}/);
            const names = ['title', 'data-tip', 'aria-label', 'data-label', 'placeholder'];
            const hidden = await page.$$eval('body *', (all, wanted) =>
                all.flatMap((one) => wanted.map((name) => one.getAttribute(name) ?? '')), names);
            assert.doesNotMatch(hidden.join('\n'), /\bNaN\b|\bundefined\b|\bnull\b|\[object|\{\w+\}/);
        }));

        for (const width of [1920, 1280, 390]) {
            test(`nothing sticks out: ${lang}, ${width} px`, () => withPage({ lang, width }, async (page) => {
                assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
                const empty = await page.$$eval('td, th, p, li, dd, h2, h3, figure', (all) => all.filter((one) =>
                    one.checkVisibility() && !one.querySelector('svg') && one.innerText.trim() === '').map((one) =>
                    `${one.tagName}.${one.className}`));
                assert.deepEqual(empty, []);
                const spilt = await page.$$eval('#comparison td *, .card *, .measure *', (all) => all.filter((one) =>
                    one.checkVisibility() && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0
                    && getComputedStyle(one).display !== 'inline').map((one) => one.innerText));
                assert.deepEqual(spilt, []);
                await shoot(page, `${lang}-${width}`);
            }));
        }
    }

    test('the language is switched, and remembered', async () => {
        const context = await browser.newContext();
        const page = await context.newPage();
        await page.goto(`file://${made.out}?lang=en`);
        await page.waitForSelector('body[data-ready]');
        assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
        assert.match(await page.locator('#comparison').innerText(), /difficulty of the API[^]*very complex/);
        await page.click('[data-language="zh"]');
        assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
        assert.match(await page.locator('#comparison').innerText(), /api使用难度[^]*非常复杂/);
        assert.equal(await page.getAttribute('[data-language="zh"]', 'aria-pressed'), 'true');
        await page.goto(`file://${made.out}`);
        await page.waitForSelector('body[data-ready]');
        assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
        await context.close();
    });

    test('the answer: who held 10,000 clients, and at what cost', () => withPage({}, async (page) => {
        const answer = await page.locator('#glance').innerText();
        assert.match(answer, /5 of 6 models .* all 10,000 clients: bio, nio, aio, aio_future, framework\./);
        assert.match(answer, /Not so pseudo_async: 10,000 connected, 200 served\./);
        const rows = await page.$$eval('#glance tbody tr', (all) => all.map((row) =>
            [...row.cells].map((cell) => cell.innerText.replace(/\s+/g, ' ').trim())));
        assert.equal(rows.length, 6);
        assert.deepEqual(rows[0].slice(1), ['10,000 ✓', '10,000 ✓', '10,001', '72,809', '531 ms', '12.5 KiB']);
        assert.deepEqual(rows[1].slice(1, 4), ['10,000 ✓', '200 ✗ 9,800 not', '201']);
        assert.match(rows[1][4], /†$/);
        const na = page.locator('#glance tr:has([data-model="aio_future"]) .na');
        assert.match(await na.getAttribute('data-tip'), /threads were not counted/);
    }));

    test('each cell of the notes\' table has its three words, and the right marks', () => withPage({}, async (page) => {
        const cells = await page.$$eval('#comparison td', (all) => all.map((cell) => ({
            topic: cell.dataset.topic, model: cell.dataset.model,
            claims: Object.fromEntries([...cell.querySelectorAll('.claim')].map((one) => [one.classList[1], {
                said: one.querySelector('.said, .na').firstChild.textContent,
                mark: one.querySelector('.mark')?.ariaLabel ?? null }])),
        })));
        assert.equal(cells.length, data.comparison.length);
        const label = (agrees) => (agrees === null ? 'not measured'
            : `${agrees ? 'agrees with' : 'differs from'} the measurement`);
        for (const { topic, model, claims } of cells) {
            const due = data.comparison.find((one) => one.topic === topic && one.model === model);
            assert.deepEqual(claims.textbook, { said: due.textbook, mark: label(due.textbook_agrees) });
            assert.deepEqual(claims.you,
                { said: due.predicted ?? '–', mark: due.predicted === null ? null : label(due.prediction_agrees) });
            assert.equal(claims.measured.said, due.measured ?? 'n/a');
        }
        const colours = await page.$$eval('#comparison .claim .mark', (all) => [...new Set(all.map((one) =>
            `${one.textContent} ${getComputedStyle(one).backgroundColor}`))].sort());
        assert.equal(colours.length, 3, String(colours));
    }));

    test('without a prediction nobody is told what he predicted', async () => {
        const plain = fixture();
        for (const one of plain.comparison) Object.assign(one, { predicted: null, prediction_agrees: null });
        const other = build({ data: plain });
        await withPage({ file: other.out }, async (page) => {
            assert.equal(await page.locator('.claim.you').count(), 0);
        });
        other.remove();
    });

    test('evidence leads to what is there, and out of a closed tab', () => withPage({}, async (page) => {
        const wanted = await page.$$eval('#comparison a.evidence', (all) => all.map((one) => one.hash.slice(1)));
        const due = data.comparison.filter(({ evidence }) => evidence !== '').map(({ evidence }) => evidence);
        assert.deepEqual(wanted, due);
        for (const id of new Set(wanted)) assert.equal(await page.locator(`[id="${id}"]`).count(), 1, id);
        await page.click('[data-base="throughput"] .tab[data-protocol="ws"]');
        assert.equal(await page.isVisible('#chart-throughput-echo'), false);
        await page.locator('a[href="#chart-throughput-echo"]').first().click();
        await page.waitForFunction(() => {
            const { top } = document.querySelector('#chart-throughput-echo').getBoundingClientRect();
            return document.querySelector('#chart-throughput-echo').checkVisibility() && top >= 0 && top < innerHeight;
        });
    }));

    test('a link from outside opens the tab, too', () => withPage({ hash: '#chart-cpu-ws' }, async (page) => {
        await page.waitForFunction(() => document.querySelector('#chart-cpu-ws').checkVisibility() && scrollY > 0);
    }));

    test('all charts are drawn, with their reasons', () => withPage({ width: 1920 }, async (page) => {
        for (const { name } of data.charts) {
            const box = await page.locator(`[id="chart-${name}"] svg`).boundingBox();
            assert.ok(box.width > 500 && box.height > 300, `${name}: ${box.width} x ${box.height}`);
        }
        for (const one of data.why) {
            const place = one.chart === 'all' ? '#charts > .lead' : `[data-base="${one.chart}"] .why li`;
            assert.ok((await page.locator(place).allInnerTexts()).includes(one.en), one.en);
        }
        const [echo, ws] = await Promise.all(['echo', 'ws'].map((protocol) =>
            page.locator(`#chart-cpu-${protocol}`).boundingBox()));
        assert.ok(echo.y === ws.y && ws.x >= echo.x + echo.width, 'side by side');
    }));

    test('the CSV is the data, and so is the table', () => withPage({}, async (page) => {
        for (const name of ['throughput-echo', 'memory']) {
            const waiting = page.waitForEvent('download');
            await page.click(`[id="chart-${name}"] .csv`);
            const download = await waiting;
            assert.equal(download.suggestedFilename(), `io-models-${name}.csv`);
            const [head, ...lines] = readFileSync(await download.path(), 'utf8').trimEnd().split('\r\n');
            assert.equal(head, 'chart,protocol,model,clients,figure,value,least,greatest');
            const rows = data.figures.filter((row) => row[0] === name.replace('-echo', '')
                && (name === 'memory' || row[1] === 'echo'));
            assert.ok(rows.length > 10);
            assert.deepEqual(lines, rows.map((row) => row.map((value) => value ?? '').join(',')));
        }
        assert.equal(await page.isVisible('#chart-throughput-echo table'), false);
        await page.click('#chart-throughput-echo .toggle');
        const row = page.locator('#chart-throughput-echo tbody tr').filter({ hasText: '10,000' });
        assert.match(await row.innerText(), /72,809/);
    }));

    test('a mark in a chart tells its figures: pointed at, by keyboard, touched', async () => {
        await withPage({}, async (page) => {
            const marks = page.locator('#chart-memory svg .hover');
            assert.equal(await marks.count(), 3);
            await marks.nth(1).hover();
            assert.equal(await page.innerText('#tip'), 'aio, 10 clients:\n3 messages/s，每秒 3 条');
            await page.mouse.move(2, 2);
            await page.waitForSelector('#tip', { state: 'hidden' });
            await marks.nth(0).focus();
            assert.equal(await page.innerText('#tip'), 'bio, 1 client: it\'s <2> & "more"');
            await page.keyboard.press('ArrowRight');
            assert.match(await page.innerText('#tip'), /^aio/);
            assert.deepEqual(await marks.evaluateAll((all) => all.map((one) => one.getAttribute('tabindex'))),
                ['-1', '0', '-1']);
            await page.keyboard.press('Escape');
            assert.equal(await page.isVisible('#tip'), false);
        });
        await withPage({ width: 390, height: 844, hasTouch: true, isMobile: true }, async (page) => {
            await page.locator('#chart-memory svg .hover').first().scrollIntoViewIfNeeded();
            const box = await page.locator('#chart-memory svg .hover').first().boundingBox();
            await page.touchscreen.tap(box.x + box.width / 2 + 12, box.y + box.height / 2); // a finger is not exact
            await page.waitForSelector('#tip', { state: 'visible' });
            assert.match(await page.innerText('#tip'), /^bio, 1 client/);
        });
    });

    test('what was counted in the sources is told', () => withPage({}, async (page) => {
        const row = page.locator('#api tbody tr').filter({ hasText: 'distinct calls' });
        await row.locator('.value').first().hover();
        assert.match(await page.innerText('#tip'), /accept4 close/);
        assert.match(await page.locator('#api .na').first().getAttribute('data-tip'), /clang-tidy is not installed/);
    }));

    test('reliability is of the protocol that is chosen, and harm is marked', () => withPage({}, async (page) => {
        const crowd = page.locator('table.reliability tr').filter({ hasText: '2,000 clients' });
        assert.match(await crowd.locator('.harm').innerText(), /✗\s*1800 of 2000 fail/);
        const twins = await page.locator('table.twins').innerText();
        for (const { model, protocol } of data.reliability.filter((row) => row.twin_of !== null)) {
            assert.equal(twins.includes(model), protocol === 'echo', `${model} ${protocol}`);
        }
        await page.click('#reliability .tab[data-protocol="ws"]');
        assert.match(await page.locator('table.twins').innerText(), /half_packet[^]*wrong bytes/);
    }));

    test('a run without twins says nothing of them', async () => {
        const plain = fixture();
        plain.reliability = plain.reliability.filter((row) => row.twin_of === null);
        const other = build({ data: plain, charts: false });
        await withPage({ file: other.out }, async (page) => {
            assert.doesNotMatch(await page.innerText('#reliability'), /twin/);
        });
        other.remove();
    });

    test('another run: only what is beyond the spread, until asked for all', () => withPage({}, async (page) => {
        const count = () => page.locator('table.against tbody tr').count();
        const { rows } = data.against;
        assert.equal(await count(), rows.filter(({ beyond }) => beyond).length);
        assert.equal(await page.locator('table.against .beyond').count(), await count());
        await page.check('#against input[type=checkbox]');
        assert.equal(await count(), rows.length);
        await page.fill('#against input[type=search]', 'nio p99');
        assert.equal(await count(), rows.filter(({ model, figure }) => model === 'nio' && /p99/.test(figure)).length);
        await page.fill('#against input[type=search]', 'no such thing');
        assert.match(await page.innerText('#against'), /Nothing fits/);
        assert.deepEqual(await page.$$eval('table.set-up tbody th', (all) => all.map((one) => one.innerText)),
            ['Measured', 'Kernel']);
    }));

    test('a run of little else than its name leaves each section out, in a line', async () => {
        const little = { profile: 'ladder', models: data.models, preface: [['State', 'partial: 3 of 9 runs']],
            comparison: data.comparison.map((one) => ({ ...one, predicted: null, measured: null })) };
        const bare = build({ data: little, sources: null, charts: false });
        await withPage({ file: bare.out }, async (page) => {
            assert.deepEqual(await page.$$eval('main > section', (all) => all.map((one) => one.id)), SECTIONS);
            assert.equal(await page.locator('main > .left-out p').count(), SECTIONS.length);
            assert.match(await visible(page), /not complete: partial: 3 of 9 runs/);
            assert.doesNotMatch(await visible(page), /NaN|undefined|null|Infinity/);
        });
        bare.remove();
    });

    test('charts that were not drawn still have their figures', async () => {
        const bare = build({ charts: false });
        await withPage({ file: bare.out }, async (page) => {
            assert.match(await page.innerText('#chart-memory'), /was not drawn[^]*12,815|was not drawn[^]*12,816/);
        });
        bare.remove();
    });

    test('data is text, never markup', () => withPage({}, async (page) => {
        assert.equal(await page.locator('#head .notes b').count(), 0);
        assert.match(await page.innerText('#head .notes'), /<b>markup<\/b> & "quotes" <\/script>/);
    }));

    test('on paper: no buttons, both protocols, and a PDF of some pages', () => withPage({}, async (page) => {
        await page.emulateMedia({ media: 'print' });
        for (const gone of ['.top', '.button', '#sources', '.tabs', '.figures-box']) {
            const left = await page.$$eval(gone, (all) => all.filter((one) => one.checkVisibility()).length);
            assert.equal(left, 0, gone);
        }
        for (const there of ['#glance table', '#comparison table', '#chart-cpu-echo svg', '#chart-cpu-ws svg']) {
            assert.ok(await page.isVisible(there), there);
        }
        const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
        const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
        assert.ok(pages >= 8 && pages <= 16, `${pages} pages`);
    }));
});
