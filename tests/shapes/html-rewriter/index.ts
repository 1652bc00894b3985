const PAGE = '<html><head><title>old</title></head><body><a href="http://example.com/x">x</a><p id="t"></p></body></html>'

class Secure {
  element(element: Element) {
    const href = element.getAttribute('href')
    if (href) element.setAttribute('href', href.replace('http:', 'https:'))
  }
}

export default {
  fetch() {
    const page = new Response(PAGE, { headers: { 'content-type': 'text/html' } })
    return new HTMLRewriter()
      .on('a[href]', new Secure())
      .on('title', { element: (title) => void title.setInnerContent('new') })
      .on('#t', { element: (p) => void p.append('<b>bold</b>', { html: true }) })
      .transform(page)
  },
}
