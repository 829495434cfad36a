// page.js - a page built from the fixture, and Debian's Chromium with it. Nothing is served: the page is a file.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';

export const root = new URL('../..', import.meta.url).pathname;
const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const shots = `${root}build-logs/screenshots`;
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'];

export const fixture = () => JSON.parse(readFileSync(`${root}tests/report/fixture.json`, 'utf8'));

// Two servers of one function: enough for the section of the sources.
export const someSources = {
    models: [{ name: 'bio', file: 'bio/bio_server.c', lines: 1 }, { name: 'nio', file: 'nio/nio_server.c', lines: 1 }],
    rows: [{ name: 'conn_recv', title: 'recv', cells: {
        bio: [{ name: 'conn_recv', from: 7, lines: [
            { n: 7, html: 'recv(fd);', text: 'recv(fd);', tags: ['WAIT'], calls: ['recvfrom'] }] }],
        nio: [{ name: 'conn_recv', from: 9, lines: [
            { n: 9, html: 'recv(fd, 0);', text: 'recv(fd, 0);', tags: ['no WAIT'], calls: ['recvfrom'] }] }] } }],
};

// The committed charts; one of them is replaced by a small one that has hover texts.
function chartsIn(directory) {
    mkdirSync(directory);
    const committed = `${root}results/reference/charts`;
    for (const { name } of fixture().charts) {
        if (existsSync(`${committed}/${name}.svg`)) cpSync(`${committed}/${name}.svg`, `${directory}/${name}.svg`);
    }
    cpSync(`${root}tests/report/hover.svg`, `${directory}/memory.svg`);
    return directory;
}

// build.py's page of this data, in a directory of its own. Without `sources` or `charts` it is given none.
export function build({ data = fixture(), sources = someSources, charts = true } = {}) {
    const directory = mkdtempSync(`${tmpdir()}/report-`);
    const out = `${directory}/report.html`;
    const options = [];
    writeFileSync(`${directory}/data.json`, JSON.stringify(data));
    if (sources) {
        writeFileSync(`${directory}/sources.json`, JSON.stringify(sources));
        options.push('--sources', `${directory}/sources.json`);
    }
    if (charts) options.push('--charts', chartsIn(`${directory}/charts`));
    execFileSync('python3', [`${root}scripts/report/build.py`, out, `${directory}/data.json`, ...options]);
    return { out, text: readFileSync(out, 'utf8'), remove: () => rmSync(directory, { recursive: true }) };
}

// Why there can be no browser, or false.
export function noBrowser() {
    if (!existsSync(chromiumPath)) return 'no chromium: install it, or give its path in CHROMIUM';
    if (!existsSync(`${root}tests/browser/node_modules`)) return 'npm ci --prefix tests/browser was not run';
    return false;
}

export function launch() {
    const { chromium } = createRequire(`${root}tests/browser/package.json`)('playwright-core');
    return chromium.launch({ executablePath: chromiumPath, args: flags });
}

// The page, opened from disk. What it complains of, and each request but that for itself, ends up in `page.faults`.
export async function open(browser, file, { lang = 'en', width = 1280, height = 900, hash = '', ...rest } = {}) {
    const context = await browser.newContext({ viewport: { width, height }, ...rest });
    const page = await context.newPage();
    page.faults = [];
    page.on('pageerror', (error) => page.faults.push(String(error)));
    page.on('console', (message) => page.faults.push(`${message.type()}: ${message.text()}`));
    page.on('request', (request) => {
        const isOwn = /^(data|blob):/.test(request.url()) || request.url().startsWith(`file://${file}`);
        if (!isOwn) page.faults.push(request.url());
    });
    await page.goto(`file://${file}${lang ? `?lang=${lang}` : ''}${hash}`);
    await page.waitForSelector('body[data-ready]', { timeout: 20000 });
    return page;
}

export async function shoot(page, name) {
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: `${shots}/report-${name}.png`, fullPage: true });
}
