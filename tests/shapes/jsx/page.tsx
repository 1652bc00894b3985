/** @jsxImportSource hono/jsx */
export function Page({ name }: { name: string }) {
  return (
    <html lang="en">
      <body class="page">
        <h1>Hello {name}</h1>
        <>{[1, 2].map((n) => <i>{n}</i>)}</>
      </body>
    </html>
  )
}
