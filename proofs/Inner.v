(** Semi-inner products: what Euclidean distances need.

    R      a real closed field (it has square roots)
    V      a vector space over R
    ip     a symmetric, bilinear, non-negative form on V; that only 0 has length 0 is never used
    the length of u is Num.sqrt (ip u u), the distance of u and v is Num.sqrt (ip (u - v) (u - v))

    Notations (plain abbreviations: the terms that Coq sees are the long ones)
      norm ip u, dist ip u v                length, distance
      \mean_(i < n) F                       n%:R^-1 * \sum_(i < n) F      mean of scalars
      centroid n x                          n.+1%:R^-1 *: \sum_(i < n.+1) x i
      spread ip n x                         mean squared distance to the centroid (Var x) *)

From mathcomp Require Import all_ssreflect all_algebra ring.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Set Warnings "-inconsistent-scopes".
Declare Scope inner_scope.
Notation norm ip u := (Num.sqrt (ip u u)) (only parsing).
Notation dist ip u v := (Num.sqrt (ip (u - v) (u - v))) (only parsing).
Notation "\mean_ ( i < n ) F" := (n%:R^-1 * \sum_(i < n) F)
  (at level 41, F at level 41, i, n at level 50, only parsing) : inner_scope.
Notation centroid n x := (n.+1%:R^-1 *: \sum_(i < n.+1) x i) (only parsing).
Local Open Scope inner_scope.
Notation spread ip n x := (\mean_(i < n.+1) dist ip (x i) (centroid n x) ^+ 2) (only parsing).

(** Means of scalars. *)
Section Means.
Variable R : realFieldType.
Implicit Types (n : nat) (a b : R).

Lemma size_neq0 n : n.+1%:R != 0 :> R.
Proof. by rewrite pnatr_eq0. Qed.

Lemma mean_const n a : \mean_(i < n.+1) a = a.
Proof. by rewrite sumr_const card_ord -[a *+ _]mulr_natl mulKf ?size_neq0. Qed.

Lemma meanD n (F G : 'I_n.+1 -> R) :
  \mean_(i < n.+1) (F i + G i) = (\mean_(i < n.+1) F i) + \mean_(i < n.+1) G i.
Proof. by rewrite big_split mulrDr. Qed.

Lemma meanN n (F : 'I_n.+1 -> R) : \mean_(i < n.+1) - F i = - \mean_(i < n.+1) F i.
Proof. by rewrite sumrN mulrN. Qed.

Lemma meanB n (F G : 'I_n.+1 -> R) :
  \mean_(i < n.+1) (F i - G i) = (\mean_(i < n.+1) F i) - \mean_(i < n.+1) G i.
Proof. by rewrite meanD meanN. Qed.

Lemma meanZ n a (F : 'I_n.+1 -> R) : \mean_(i < n.+1) (a * F i) = a * \mean_(i < n.+1) F i.
Proof. by rewrite -mulr_sumr mulrCA. Qed.

Lemma mean_swap n q (F : 'I_n.+1 -> 'I_q.+1 -> R) :
  \mean_(i < n.+1) \mean_(k < q.+1) F i k = \mean_(k < q.+1) \mean_(i < n.+1) F i k.
Proof. by rewrite -!mulr_sumr exchange_big mulrCA. Qed.

Lemma ler_mean n (F G : 'I_n.+1 -> R) :
  (forall i, F i <= G i) -> \mean_(i < n.+1) F i <= \mean_(i < n.+1) G i.
Proof. by move=> leFG; apply: ler_wpmul2l; [rewrite invr_ge0 ler0n|apply: ler_sum]. Qed.

Lemma le_mean n a (F : 'I_n.+1 -> R) : (forall i, a <= F i) -> a <= \mean_(i < n.+1) F i.
Proof. by move=> leF; rewrite -{1}(mean_const n a); apply: ler_mean. Qed.

Lemma mean_le n a (F : 'I_n.+1 -> R) : (forall i, F i <= a) -> \mean_(i < n.+1) F i <= a.
Proof. by move=> leF; rewrite -{1}(mean_const n a); apply: ler_mean. Qed.

(** mean (F i - F i')^2 over all pairs is twice (mean of squares - square of the mean). *)
Lemma scalar_pairs n (F : 'I_n.+1 -> R) :
  \mean_(i < n.+1) \mean_(i' < n.+1) (F i - F i') ^+ 2
  = 2%:R * ((\mean_(i < n.+1) F i ^+ 2) - (\mean_(i < n.+1) F i) ^+ 2).
Proof.
set M := \mean_(i < n.+1) F i; set S := \mean_(i < n.+1) F i ^+ 2.
have inner i : \mean_(i' < n.+1) (F i - F i') ^+ 2 = F i ^+ 2 + ((- 2%:R * M) * F i + S).
  have -> : \mean_(i' < n.+1) (F i - F i') ^+ 2
            = \mean_(i' < n.+1) (F i ^+ 2 + ((- 2%:R * F i) * F i' + F i' ^+ 2)).
    by congr (_ * _); apply: eq_bigr => i' _; ring.
  by rewrite !meanD mean_const meanZ -/M -/S; ring.
under eq_bigr do rewrite inner.
by rewrite !meanD meanZ mean_const -/M -/S; ring.
Qed.

End Means.

(** The laws in one place. *)
Record semi_inner (R : rcfType) (V : lmodType R) (ip : V -> V -> R) : Prop := SemiInner {
  ip_sym : forall u v, ip u v = ip v u;
  ip_scale : forall (a : R) u v, ip (a *: u) v = a * ip u v;
  ip_add : forall u u' v, ip (u + u') v = ip u v + ip u' v;
  ip_ge0 : forall u, 0 <= ip u u }.

Section Inner.
Variables (R : rcfType) (V : lmodType R) (ip : V -> V -> R).
Hypothesis ipP : semi_inner ip.
Implicit Types (u v : V) (a : R) (n p : nat).

Let sym := ip_sym ipP.
Let scale := ip_scale ipP.
Let add := ip_add ipP.
Let ge0 := ip_ge0 ipP.

Lemma ip0l v : ip 0 v = 0.
Proof. by rewrite -(scale0r 0) scale mul0r. Qed.

Lemma ipNl u v : ip (- u) v = - ip u v.
Proof. by rewrite -scaleN1r scale mulN1r. Qed.

Lemma ipBl u u' v : ip (u - u') v = ip u v - ip u' v.
Proof. by rewrite add ipNl. Qed.

Lemma ipDr u v v' : ip u (v + v') = ip u v + ip u v'.
Proof. by rewrite sym add !(sym _ u). Qed.

Lemma ipZr a u v : ip u (a *: v) = a * ip u v.
Proof. by rewrite sym scale sym. Qed.

Lemma ipNr u v : ip u (- v) = - ip u v.
Proof. by rewrite sym ipNl sym. Qed.

Lemma ipBr u v v' : ip u (v - v') = ip u v - ip u v'.
Proof. by rewrite ipDr ipNr. Qed.

(** Bilinear expansion of sums. *)
Lemma ip_suml n (x : 'I_n -> V) v : ip (\sum_(i < n) x i) v = \sum_(i < n) ip (x i) v.
Proof. by apply: (big_morph (ip^~ v)) => [u u'|]; rewrite ?add ?ip0l. Qed.

Lemma ip_sumr n (x : 'I_n -> V) u : ip u (\sum_(i < n) x i) = \sum_(i < n) ip u (x i).
Proof. by rewrite sym ip_suml; apply: eq_bigr => i _; rewrite sym. Qed.

Lemma ip_sum n p (x : 'I_n -> V) (z : 'I_p -> V) :
  ip (\sum_(i < n) x i) (\sum_(j < p) z j) = \sum_(i < n) \sum_(j < p) ip (x i) (z j).
Proof. by rewrite ip_suml; apply: eq_bigr => i _; rewrite ip_sumr. Qed.

(** Lengths. *)
Lemma norm_ge0 u : 0 <= norm ip u.
Proof. exact: sqrtr_ge0. Qed.

Lemma norm_sq u : norm ip u ^+ 2 = ip u u.
Proof. by rewrite sqr_sqrtr. Qed.

Lemma ipD_sq u v : ip (u + v) (u + v) = ip u u + 2%:R * ip u v + ip v v.
Proof. by rewrite add !ipDr (sym v u); ring. Qed.

Lemma ipB_sq u v : ip (u - v) (u - v) = ip u u - 2%:R * ip u v + ip v v.
Proof. by rewrite ipD_sq !ipNr ipNl; ring. Qed.

Lemma distC u v : dist ip u v = dist ip v u.
Proof. by rewrite -opprB ipNl ipNr opprK. Qed.

Lemma dist_self u : dist ip u u = 0.
Proof. by rewrite subrr ip0l sqrtr0. Qed.

Lemma norm_homogeneous a u : norm ip (a *: u) = `|a| * norm ip u.
Proof. by rewrite scale ipZr mulrA -expr2 sqrtrM ?sqr_ge0 // sqrtr_sqr. Qed.

Theorem cauchy_schwarz_sq u v : ip u v ^+ 2 <= ip u u * ip v v.
Proof.
have [v0|v0] := eqVneq (ip v v) 0.
  (* v has length 0: if ip u v were not 0, u + t v would have a negative square for some t *)
  have [->|uv0] := eqVneq (ip u v) 0; first by rewrite expr0n mulr_ge0.
  have := ge0 (u + (- (ip u u + 1) / (2%:R * ip u v)) *: v).
  rewrite ipD_sq !(scale, ipZr) v0 !mulr0 addr0.
  have -> : ip u u + 2%:R * (- (ip u u + 1) / (2%:R * ip u v) * ip u v) = -1.
    by field.
  by rewrite oppr_ge0 ler10.
have v_gt0 : 0 < ip v v by rewrite lt_def v0 ge0.
have := ge0 (ip v v *: u - ip u v *: v).
rewrite ipB_sq !(scale, ipZr).
have -> : ip v v * (ip v v * ip u u) - 2%:R * (ip v v * (ip u v * ip u v)) + ip u v * (ip u v * ip v v)
          = ip v v * (ip u u * ip v v - ip u v ^+ 2) by ring.
by rewrite pmulr_rge0 // subr_ge0.
Qed.

Theorem cauchy_schwarz u v : `|ip u v| <= norm ip u * norm ip v.
Proof. by rewrite -sqrtr_sqr -sqrtrM //; apply: ler_wsqrtr; apply: cauchy_schwarz_sq. Qed.

Lemma ip_le_norms u v : ip u v <= norm ip u * norm ip v.
Proof. exact: le_trans (ler_norm _) (cauchy_schwarz u v). Qed.

Theorem norm_triangle u v : norm ip (u + v) <= norm ip u + norm ip v.
Proof.
have sum_ge0 : 0 <= norm ip u + norm ip v by rewrite addr_ge0 ?norm_ge0.
rewrite -(ger0_norm sum_ge0) -sqrtr_sqr; apply: ler_wsqrtr.
have -> : (norm ip u + norm ip v) ^+ 2 = ip u u + 2%:R * (norm ip u * norm ip v) + ip v v.
  by rewrite sqrrD !norm_sq mulr_natl.
by rewrite ipD_sq ler_add2r ler_add2l ler_pmul2l ?ltr0n // ip_le_norms.
Qed.

Lemma dist_triangle u v w : dist ip u w <= dist ip u v + dist ip v w.
Proof. by have := norm_triangle (u - v) (v - w); rewrite addrA subrK. Qed.

(** Centroids. *)
Lemma mean_ip n (x : 'I_n.+1 -> V) v : \mean_(i < n.+1) ip (x i) v = ip (centroid n x) v.
Proof. by rewrite scale ip_suml. Qed.

Lemma centroid_residue n (x : 'I_n.+1 -> V) v :
  \mean_(i < n.+1) ip (x i - centroid n x) v = 0.
Proof.
under eq_bigr do rewrite ipBl.
by rewrite meanB mean_const mean_ip subrr.
Qed.

(** Huygens: the mean squared distance to v is the centroid's, plus the spread. *)
Theorem huygens n (x : 'I_n.+1 -> V) v :
  \mean_(i < n.+1) dist ip (x i) v ^+ 2 = dist ip (centroid n x) v ^+ 2 + spread ip n x.
Proof.
set c := centroid n x.
have expand i : dist ip (x i) v ^+ 2
    = dist ip (x i) c ^+ 2 + (2%:R * ip (x i - c) (c - v) + dist ip c v ^+ 2).
  have -> : x i - v = (x i - c) + (c - v) by rewrite addrA subrK.
  by rewrite !norm_sq ipD_sq addrA.
under eq_bigr do rewrite expand.
by rewrite !meanD meanZ mean_const centroid_residue mulr0 add0r addrC.
Qed.

(** All pairs from two families: distance of the centroids, plus both spreads. *)
Theorem huygens_pairs n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) :
  \mean_(i < n.+1) \mean_(j < p.+1) dist ip (x i) (z j) ^+ 2
  = dist ip (centroid n x) (centroid p z) ^+ 2 + spread ip n x + spread ip p z.
Proof.
have inner i : \mean_(j < p.+1) dist ip (x i) (z j) ^+ 2
    = dist ip (x i) (centroid p z) ^+ 2 + spread ip p z.
  by under eq_bigr do rewrite distC; rewrite huygens distC.
under eq_bigr do rewrite inner.
by rewrite meanD mean_const huygens.
Qed.

(** Variance by pairs. *)
Theorem spread_pairs n (x : 'I_n.+1 -> V) :
  spread ip n x = 2%:R^-1 * \mean_(i < n.+1) \mean_(i' < n.+1) dist ip (x i) (x i') ^+ 2.
Proof.
rewrite huygens_pairs dist_self; set s := _ * _.
by rewrite expr0n add0r; field.
Qed.

End Inner.

(** The line is a Euclidean space. *)
Lemma line_semi_inner (R : rcfType) : semi_inner (fun u v : R^o => u * v : R).
Proof.
split=> [u v|a u v|u u' v|u]; first exact: mulrC.
- by rewrite /GRing.scale /= mulrA.
- exact: mulrDl.
- by rewrite -expr2 sqr_ge0.
Qed.
