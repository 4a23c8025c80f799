import './style-nonce.ts'
import './no-eval.ts'
import './kit.css'
import './console.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { hearOneWish } from './frame/acting/one-wish.ts'

const place = document.getElementById('console')
if (!place) throw new Error('index.html has no place for the console')
hearOneWish(document)
createRoot(place).render(<App />)
