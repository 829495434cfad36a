"""accessible.py - what keeps people with a screen reader, a keyboard or a trembling hand from using a page.

The usual findings of such checkers, worked out here, as none is a package of Debian: WCAG 2.2, levels A and AA, as far
as a program can judge them. Contrast is judged by contrast.py.
"""

FINDINGS = r"""
    const found = [];
    const all = (selector, root = document) => [...root.querySelectorAll(selector)];
    const called = (one) => one.tagName.toLowerCase() + (one.id ? `#${one.id}` : '')
        + (one.getAttribute('class') ? `.${one.getAttribute('class').trim().replace(/\s+/g, '.')}` : '');
    const say = (rule, one, more = '') => found.push(`${rule}: ${called(one)}${more && ` ${more}`}`);
    const isShown = (one) => one.checkVisibility({ visibilityProperty: true });
    const byIds = (ids) => ids.trim().split(/\s+/).map((id) => document.getElementById(id));

    // 3.1.1, 2.4.2, 1.4.4
    const LANG = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;
    for (const one of [document.documentElement, ...all('[lang]')])
        if (!LANG.test(one.lang)) say('lang is no language', one);
    if (!document.title.trim()) say('no title', document.documentElement);
    if (/user-scalable\s*=\s*(no|0)|maximum-scale\s*=\s*[01]\b/.test(document.querySelector('meta[name=viewport]')?.content))
        say('zoom is forbidden', document.documentElement);

    // 1.3.1, 2.4.6: headings
    const headings = all('h1, h2, h3, h4, h5, h6').filter(isShown);
    if (headings.filter((one) => one.tagName === 'H1').length !== 1) say('not one h1', document.body);
    let level = 0;
    for (const one of headings) {
        const own = Number(one.tagName[1]);
        if (own > level + 1) say('a level of headings is left out before', one);
        if (!one.textContent.trim()) say('empty heading', one);
        level = own;
    }

    // 4.1.2: what is named by id is there, once
    const ids = new Set();
    for (const one of all('[id]')) {
        if (ids.has(one.id)) say('id twice', one);
        ids.add(one.id);
    }
    for (const name of ['for', 'aria-labelledby', 'aria-describedby', 'aria-controls', 'aria-owns'])
        for (const one of all(`[${name}]`))
            if (byIds(one.getAttribute(name)).includes(null)) say(`${name} leads nowhere`, one);
    for (const one of all('a[href^="#"]'))
        if (!document.getElementById(one.hash.slice(1))) say('href leads nowhere', one);

    // 4.1.2: roles and aria attributes that exist, with values that exist
    const ROLES = new Set(('alert button checkbox complementary contentinfo dialog document figure grid group heading img '
        + 'link list listbox listitem log main marker menu menuitem meter navigation none note option presentation '
        + 'progressbar radio radiogroup region row search separator slider spinbutton status switch tab table tablist '
        + 'tabpanel term textbox timer toolbar tooltip tree treeitem banner form').split(' '));
    const BOOLEAN = /^(true|false)$/;
    const VALUES = { 'aria-hidden': BOOLEAN, 'aria-expanded': BOOLEAN, 'aria-invalid': /^(true|false|grammar|spelling)$/,
        'aria-pressed': /^(true|false|mixed)$/, 'aria-checked': /^(true|false|mixed)$/, 'aria-selected': BOOLEAN,
        'aria-disabled': BOOLEAN, 'aria-busy': BOOLEAN, 'aria-atomic': BOOLEAN, 'aria-live': /^(off|polite|assertive)$/,
        'aria-current': /^(page|step|location|date|time|true|false)$/, 'aria-label': /\S/, 'aria-labelledby': /\S/,
        'aria-describedby': /\S/, 'aria-controls': /\S/, 'aria-owns': /\S/, 'aria-valuenow': /^[\d.]+$/,
        'aria-valuemin': /^[\d.]+$/, 'aria-valuemax': /^[\d.]+$/, 'aria-valuetext': /\S/, 'aria-haspopup': /\S/,
        'aria-level': /^[1-9]$/, 'aria-roledescription': /\S/, 'aria-modal': BOOLEAN, 'aria-sort': /\S/ };
    for (const one of all('*')) {
        const role = one.getAttribute('role');
        if (role !== null && !ROLES.has(role)) say('unknown role', one, role);
        for (const { name, value } of one.attributes)
            if (name.startsWith('aria-') && !VALUES[name]?.test(value)) say('aria attribute', one, `${name}="${value}"`);
        if (one.hasAttribute('aria-label') && !role && /^(DIV|SPAN|P)$/.test(one.tagName)) say('aria-label without a role', one);
    }

    // 4.1.2, 1.3.1, 1.1.1: names
    const textOf = (one) => { // without what screen readers do not read
        const copy = one.cloneNode(true);
        for (const hidden of all('[aria-hidden=true]', copy)) hidden.remove();
        return copy.textContent.trim();
    };
    const nameOf = (one) => one.getAttribute('aria-label')?.trim()
        || (one.getAttribute('aria-labelledby') && byIds(one.getAttribute('aria-labelledby')).map((by) => by?.textContent ?? '').join(' ').trim())
        || [...one.labels ?? []].map(textOf).join(' ').trim()
        || (/^(BUTTON|A|SUMMARY)$/.test(one.tagName) ? textOf(one) : '') || one.getAttribute('title')?.trim() || '';
    for (const one of all('button[aria-label], a[aria-label]')) // 2.5.3: for those who speak to the page
        if (!one.getAttribute('aria-label').includes(textOf(one))) say('a name without the text that is seen', one);
    const USED = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=switch]';
    for (const one of all(USED)) if (!nameOf(one)) say('no name', one);
    for (const one of all('img:not([alt]), svg[role=img]'))
        if (!nameOf(one) && !one.querySelector(':scope > title')?.textContent.trim()) say('no alternative text', one);
    for (const one of all('[role=log], [role=region], [role=dialog], nav').filter(isShown))
        if (!nameOf(one)) say('no name', one);

    // 1.3.1: landmarks; all text is in one of them
    for (const tag of ['main', 'header'])
        if (all(`body > ${tag}`).length !== 1) say(`not one ${tag}`, document.body);
    for (const one of document.body.children) {
        if (/^(HEADER|MAIN|FOOTER|NAV|ASIDE|SCRIPT|STYLE|TEMPLATE)$/.test(one.tagName) || !isShown(one)) continue;
        if (one.matches('a[href^="#"]') || !one.textContent.trim()) continue; // skips to a landmark
        say('text outside the landmarks', one);
    }

    // 1.3.1: lists
    for (const one of all('ul, ol'))
        if ([...one.children].some((child) => !/^(LI|SCRIPT|TEMPLATE)$/.test(child.tagName))) say('a list of no items', one);
    for (const one of all('li')) if (!one.parentElement.matches(':is(ul, ol, menu):not([role]), [role=list]')) say('an item of no list', one);
    for (const list of all('dl')) for (const one of [list, ...all(':scope > div', list)]) {
        const kinds = [...one.children].map((child) => child.tagName).join(' ');
        if (!(one === list ? /^((DT|DD|DIV)( |$))*$/ : /^(DT( |$))+(DD( |$))+$/).test(kinds)) say('terms in disorder', one, kinds);
    }

    // 2.1.1, 2.4.3: the keyboard
    const FOCUSED = `${USED}, [tabindex="0"]`;
    for (const one of all('[tabindex]')) if (one.tabIndex > 0) say('an order of its own', one);
    for (const one of all('[aria-hidden=true]')) if (one.matches(FOCUSED) || one.querySelector(FOCUSED)) say('hidden, but has the focus', one);
    for (const one of all('body *').filter(isShown)) {
        const { overflowX, overflowY } = getComputedStyle(one);
        const scrolls = (/auto|scroll/.test(overflowY) && one.scrollHeight > one.clientHeight + 1)
            || (/auto|scroll/.test(overflowX) && one.scrollWidth > one.clientWidth + 1);
        if (scrolls && one.tabIndex < 0 && !all(FOCUSED, one).some(isShown)) say('scrolls, but not by the keyboard', one);
    }
    for (const outer of all('a[href], button, summary')) if (outer.querySelector(USED)) say('controls in a control', outer);

    // 2.5.8: 24 x 24 pixels, but for links in a sentence; a label is part of its field
    for (const one of all(USED).filter(isShown)) {
        const inText = one.matches('a') && getComputedStyle(one).display === 'inline' && one.parentElement.matches('p, li, dd, td');
        const targets = [one, ...one.labels ?? []].map((part) => part.getBoundingClientRect());
        const isOffScreen = targets.every(({ right, bottom }) => right <= 0 || bottom + scrollY <= 0);
        if (!inText && !isOffScreen && !targets.some(({ width, height }) => width >= 24 && height >= 24))
            say('a small target', one, `${targets[0].width.toFixed()} x ${targets[0].height.toFixed()}`);
    }
    return found;
"""


def findings(page):
    """One line for each: which rule, which element."""
    return page.run(FINDINGS)
