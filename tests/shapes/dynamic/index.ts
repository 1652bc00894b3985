const LANGUAGES = { en: () => import('./lang/en'), fr: () => import('./lang/fr') }

export default {
  async fetch(request: Request) {
    const wanted = new URL(request.url).pathname.slice(1) as keyof typeof LANGUAGES
    const { hello } = await (LANGUAGES[wanted] ?? LANGUAGES.en)()
    return new Response(hello)
  },
}
