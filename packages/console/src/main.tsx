import './style-nonce.ts'
import './no-eval.ts'
import './kit.css'
import './console.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { pressOnce } from './frame/acting/press-once.ts'

const place = document.getElementById('console')
if (!place) throw new Error('index.html has no place for the console')
pressOnce(document)
createRoot(place).render(<App />)
